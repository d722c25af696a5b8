// Photos: large in a dialog with keys, and before and after laid over each other with a slider. Without this, the large photo is a
// page of its own, and before and after stand side by side.
import { el, icon } from "./ui.js";

const words = document.getElementById("photo-words").dataset;
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-enlarge]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  enlarge(link);
});
setUpPairs(document);
new MutationObserver(() => setUpPairs(document)).observe(document.body, { childList: true, subtree: true }); // pages renew themselves

function enlarge(link) {
  const all = [...document.querySelectorAll("a[data-enlarge]")];
  let at = all.indexOf(link);
  const image = el("img", { className: "enlarged-photo" });
  const caption = el("p", { className: "enlarged-words" });
  caption.setAttribute("aria-live", "polite");
  const dialog = el("dialog", { className: "enlarged" }, image, caption);
  const show = (next) => {
    at = (next + all.length) % all.length;
    image.src = all[at].href;
    image.alt = all[at].querySelector("img")?.alt ?? "";
    caption.textContent = all.length > 1 ? `${image.alt} (${at + 1}/${all.length})` : image.alt;
  };
  const button = (name, label, act) => {
    const made = el("button", { type: "button", className: `icon-button enlarged-${name}` }, icon(name));
    made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    dialog.append(made);
  };
  button("close", words.close, () => dialog.close());
  if (all.length > 1) {
    button("prev", words.previous, () => show(at - 1));
    button("next", words.next, () => show(at + 1));
  }
  dialog.setAttribute("aria-label", words.photo);
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") show(at - 1);
    else if (event.key === "ArrowRight") show(at + 1);
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
  document.body.append(dialog);
  show(at);
  dialog.showModal();
}

function setUpPairs(root) {
  for (const pair of root.querySelectorAll("figure.pair:not([data-ready])")) setUpPair(pair);
}

/** Two photos under one slider: an ordinary range, so that keys, touch and screen readers have it. */
function setUpPair(pair) {
  pair.dataset.ready = "";
  const range = el("input", { type: "range", min: 0, max: 100, value: 50, className: "pair-range" });
  range.setAttribute("aria-label", words.compare);
  const draw = () => pair.style.setProperty("--share", `${range.value}%`);
  range.addEventListener("input", draw);
  const button = el("button", { type: "button", className: "button small secondary pair-switch" }, icon("layers"), el("span", { textContent: words.compare }));
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    const over = pair.classList.toggle("over");
    button.setAttribute("aria-pressed", String(over));
    if (over) { pair.append(range); draw(); } else range.remove();
  });
  pair.after(button);
}
