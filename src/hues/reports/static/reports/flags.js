// What the sender may rather leave out of the text: a friendly word below it. It never changes the text by itself and never stops sending.

/** `show(flags)`: [{kind, excerpt, text}] of the server. */
export function setUpFlags(form) {
  const node = form.querySelector("[data-flags]");
  const body = form.querySelector("[name=body]");
  let shown = [];

  function show(flags) {
    if (flags.map(({ text }) => text).join() === shown.map(({ text }) => text).join()) return; // a screen reader says it once
    shown = flags;
    node.replaceChildren(...flags.map(line));
    node.className = flags.length ? "note warn flags" : ""; // always there, or the first words would not be heard
  }

  function line({ excerpt, text }) {
    const row = Object.assign(document.createElement("div"), { className: "flag" });
    const words = Object.assign(document.createElement("p"), { textContent: text });
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button quiet small", textContent: node.dataset.words });
    button.setAttribute("aria-label", `${node.dataset.words}: ${excerpt}`);
    button.addEventListener("click", () => {
      body.value = body.value.normalize("NFC").replaceAll(excerpt, "").replace(/[ \t]{2,}/g, " ").replace(/ +([,.;!?])/g, "$1").trim();
      body.focus();
      body.dispatchEvent(new Event("input", { bubbles: true }));
    });
    row.append(words, button);
    return row;
  }

  // What is no longer written is no longer spoken of, also without a network.
  body.addEventListener("input", () => show(shown.filter(({ excerpt }) => body.value.normalize("NFC").includes(excerpt))));
  return { show };
}
