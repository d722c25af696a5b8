// A form remembers what was typed, on this device only, until it is sent. Passwords, codes, files and hidden tokens are never kept.
for (const form of document.querySelectorAll("form[data-draft]")) setUp(form);

function setUp(form) {
  const key = `draft:${form.dataset.draft}`;
  const fields = () => [...form.elements].filter((field) => field.name && !["password", "file", "submit", "button"].includes(field.type) && !["csrfmiddlewaretoken", "code", "next"].includes(field.name) && field.autocomplete !== "one-time-code");
  const read = () => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };

  const kept = read();
  if (kept && Date.now() - kept.at < 7 * 864e5) {
    for (const field of fields()) {
      const value = kept.values[field.name];
      if (value === undefined) continue;
      if (field.type === "radio" || field.type === "checkbox") { if (!form.querySelector(`[name="${CSS.escape(field.name)}"]:checked`) || value.includes(field.value)) field.checked = value.includes(field.value); }
      else if (!field.value) { field.value = value[0]; field.dispatchEvent(new Event("input", { bubbles: true })); }
    }
    form.dispatchEvent(new CustomEvent("hues:draft-restored", { bubbles: true }));
  }

  let timer;
  const save = () => {
    const values = {};
    for (const field of fields()) {
      if ((field.type === "radio" || field.type === "checkbox") && !field.checked) continue;
      if (field.value) (values[field.name] ??= []).push(field.value);
    }
    try { localStorage.setItem(key, JSON.stringify({ at: Date.now(), values })); } catch { /* private mode or full: then without */ }
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(save, 400); };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  addEventListener("pagehide", save);
}

// The page that thanks says <body data-draft-done="report"> or any element with it: only then is the draft forgotten, so a failed sending loses nothing.
for (const node of document.querySelectorAll("[data-draft-done]")) localStorage.removeItem(`draft:${node.dataset.draftDone}`);
