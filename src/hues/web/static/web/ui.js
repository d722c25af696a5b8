// Small manners of every page: theme, dialogs, toasts, counters, busy buttons. All of it only makes better what works without.
const root = document.documentElement;
root.classList.remove("no-script");
root.classList.toggle("syncs", "SyncManager" in window && isSecureContext); // else what waits is sent only while the app is open

/** An icon of the sprite as a DOM node. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.body.dataset.sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** A DOM node from a tag, properties and children: el("a", {href, className}, "text"). */
export function el(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function setTheme(value) {
  if (value) root.dataset.theme = value;
  else delete root.dataset.theme;
  const life = value ? 31536000 : 0;
  document.cookie = `theme=${value};path=/;max-age=${life};samesite=lax${location.protocol === "https:" ? ";secure" : ""}`;
  for (const button of document.querySelectorAll("[data-theme-form].segments button")) button.setAttribute("aria-pressed", String(button.value === value));
  document.dispatchEvent(new CustomEvent("hues:theme"));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-theme-form].segments")) {
    event.preventDefault();
    setTheme(event.submitter.value);
    return;
  }
  const button = event.submitter;
  if (button && form.method === "post" && !event.defaultPrevented) {
    setTimeout(() => button.setAttribute("aria-busy", "true"));
    setTimeout(() => button.removeAttribute("aria-busy"), 8000);
  }
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  if (event.target.matches("dialog.dialog")) event.target.close(); // a click on the backdrop
  if (event.target.closest("[data-dismiss]")) event.target.closest(".toast")?.remove();
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => toast(copy.dataset.copied ?? "✓"));
  const share = event.target.closest("[data-share]");
  if (share && navigator.share) {
    event.preventDefault();
    navigator.share({ title: document.title, url: share.dataset.share || location.href }).catch(() => {});
  }
});

/** A short message at the bottom; a status, so screen readers say it. */
export function toast(text, seconds = 6) {
  const node = el("div", { className: "toast" }, el("p", {}, text));
  document.querySelector(".toasts")?.append(node);
  setTimeout(() => node.remove(), seconds * 1000);
}

// Toasts from the server: an undo counts ten seconds; others stay eight, unless somebody reads them with the pointer or the keyboard.
for (const node of document.querySelectorAll("[data-toast]")) {
  const clock = node.querySelector("[data-seconds]");
  let left = clock ? Number(clock.textContent) : 8;
  const tick = setInterval(() => {
    if (!clock && node.matches(":hover, :focus-within")) return;
    left -= 1;
    if (clock) clock.textContent = left;
    if (left <= 0) { clearInterval(tick); node.remove(); }
  }, 1000);
}

for (const area of document.querySelectorAll("textarea[data-counter][maxlength]")) {
  const counter = el("span", { className: "counter" });
  counter.setAttribute("aria-hidden", "true");
  const count = () => { counter.textContent = `${area.value.length} / ${area.maxLength}`; };
  area.after(counter);
  area.addEventListener("input", count);
  count();
}

document.querySelector("[data-focus]")?.focus();

// A choice that filters or reveals: <select data-submits> sends its form.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form?.requestSubmit();
});
