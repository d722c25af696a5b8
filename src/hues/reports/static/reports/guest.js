// Who is not signed in confirms a phone number at the end: a number, six digits, done.
export function setUpGuest(words) {
  const sheet = document.getElementById("who");
  const [phoneForm, codeForm] = sheet.querySelectorAll("form");
  const step = (name) => { for (const part of sheet.querySelectorAll("[data-ask]")) part.hidden = part.dataset.ask !== name; };

  async function post(url, fields) {
    const { csrf } = await fetch("/api/v1/session", { cache: "no-store" }).then((response) => response.json());
    const response = await fetch(url, { method: "POST", headers: { "X-CSRFToken": csrf, Accept: "application/json" }, body: new URLSearchParams(fields) });
    if (response.ok) return response.status === 204 ? {} : response.json();
    const problem = await response.json().catch(() => ({}));
    throw Object.assign(new Error(problem.detail ?? String(response.status)), { fields: problem.fields ?? {} });
  }

  function say(name, text) {
    const node = document.getElementById(`e-${name}`);
    const input = document.getElementById(`f-${name}`);
    node.textContent = text;
    node.hidden = !text;
    input.setAttribute("aria-invalid", Boolean(text));
    if (text) input.focus();
  }

  async function attempt(button, name, work) {
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    say(name, "");
    try { await work(); } catch (error) { say(name, error.fields?.[name] ?? Object.values(error.fields ?? {})[0] ?? (error instanceof TypeError ? words.offline : error.message)); }
    finally { button.removeAttribute("aria-busy"); }
  }

  async function sendCode(fields) {
    const { to } = await post("/report/phone", fields);
    sheet.querySelector("[data-to]").textContent = to;
    step("code");
    document.getElementById("f-code").value = "";
    document.getElementById("f-code").focus();
  }

  phoneForm.addEventListener("submit", (event) => {
    event.preventDefault();
    const phone = document.getElementById("f-phone").value.trim();
    if (!phone) { say("phone", words.phone); return; }
    attempt(phoneForm.querySelector("button"), "phone", () => sendCode({ phone }));
  });
  sheet.querySelector("[data-again]").addEventListener("click", ({ currentTarget }) => attempt(currentTarget, "code", () => sendCode({ again: "1" })));
  sheet.querySelector("[data-other-number]").addEventListener("click", () => { step("phone"); document.getElementById("f-phone").focus(); });

  /** Resolves to true once this browser is the citizen's; false where the sheet was closed. */
  function confirm() {
    step("phone");
    sheet.showModal();
    document.getElementById("f-phone").focus();
    return new Promise((done) => {
      const away = () => { codeForm.removeEventListener("submit", check); done(false); };
      const check = (event) => {
        event.preventDefault();
        const code = document.getElementById("f-code").value.trim();
        if (!/^\d[\d ]{5,6}$/.test(code)) { say("code", words.code); return; }
        attempt(codeForm.querySelector("button"), "code", async () => {
          await post("/report/code", { code });
          sheet.removeEventListener("close", away);
          codeForm.removeEventListener("submit", check);
          sheet.close();
          done(true);
        });
      };
      codeForm.addEventListener("submit", check);
      sheet.addEventListener("close", away, { once: true });
    });
  }

  document.getElementById("f-code").addEventListener("input", ({ target }) => { if (target.value.replace(/\D/g, "").length === 6) codeForm.requestSubmit(); });
  return { confirm };
}
