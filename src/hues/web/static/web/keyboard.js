// The desk by keyboard: every [data-key] is pressed by its key, j and k walk the rows, ? lists all.
const typing = (node) => node.matches?.("input, textarea, select, [contenteditable]");

function target(key) {
  return [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((node) => node.offsetParent !== null || node.open);
}

function walk(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return;
  let at = rows.indexOf(document.activeElement?.closest("[data-row]"));
  if (at < 0) at = rows.findIndex((row) => row.matches("[aria-current]")) - (step > 0 ? 0 : 0);
  const row = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
  row.focus();
  row.scrollIntoView({ block: "nearest" });
}

function press(node) {
  if (node.matches("details")) {
    node.open = true;
    node.scrollIntoView({ block: "nearest" });
    (node.querySelector("textarea, input:not([type=hidden]), select") ?? node.querySelector("summary")).focus();
  } else node.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (event.key === "Escape") {
    const open = document.activeElement?.closest("details.step[open]") ?? document.querySelector("details.step[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
    else if (typing(event.target)) event.target.blur();
    return;
  }
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if (event.key === "?") list();
  else if (key === "/") document.querySelector("[data-search]")?.focus();
  else if (key === "j" || event.key === "ArrowDown" && event.target.closest?.("[data-row]")) walk(1);
  else if (key === "k" || event.key === "ArrowUp" && event.target.closest?.("[data-row]")) walk(-1);
  else if (key === "o" && event.target.closest?.("[data-row]")) event.target.closest("[data-row]").click();
  else {
    const node = target(key);
    if (!node) return;
    press(node);
  }
  event.preventDefault();
});

// The list of keys: those of every page, then those of this one.
function list() {
  const dialog = document.getElementById("keys-dialog");
  const names = dialog.querySelector("[data-keys-list]");
  for (const old of names.querySelectorAll("[data-own]")) old.remove();
  for (const node of document.querySelectorAll("[data-key]")) {
    const words = node.dataset.keyLabel ?? (node.querySelector("summary") ?? node).textContent.replace(/\s+/g, " ").trim();
    const term = document.createElement("dt");
    const sign = document.createElement("kbd");
    sign.textContent = node.dataset.key.toUpperCase();
    term.append(sign);
    const text = document.createElement("dd");
    text.textContent = words.replace(new RegExp(`\\s${node.dataset.key}$`, "i"), "");
    term.dataset.own = text.dataset.own = "";
    names.append(term, text);
  }
  dialog.showModal();
}
document.querySelector('[data-opens="keys-dialog"]')?.addEventListener("click", (event) => { event.stopImmediatePropagation(); list(); });
