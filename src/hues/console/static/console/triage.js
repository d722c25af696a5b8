// The room of triage: keys, presses and live changes, brought to the parts that know what to do.
import { beat, busy, changed, countAgain, current, decide, fetchAhead, mark, openCode, replan, room, showOthers, stepBack, stepOver } from "./flow.js";
import { clear, chosen, decideMany, restore, toggle, toggleFocused, undoNewest } from "./many.js";
import { merge, openSheet } from "./sheets.js";
import { post } from "./wire.js";
import { showOnMap } from "./ground.js";

const writing = (node) => node.matches?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

// Accepting: as the plan says; with the public text as it was edited, where it was opened.
function accept() {
  if (chosen().length) return decideMany("accept");
  const node = current();
  if (!node || node.dataset.past !== undefined || node.querySelector("[data-accept] button")?.disabled) return;
  const details = node.querySelector("details.tri-public");
  const data = { category: node.dataset.category, agency: node.dataset.agency, team: node.dataset.team ?? "" };
  if (node.dataset.lookTwice !== undefined && !details.open) { // something private would be public: look first
    details.open = true;
    details.scrollIntoView({ block: "nearest" });
    details.querySelector("summary").focus();
    return;
  }
  if (details?.open) {
    const form = details.querySelector("form");
    for (const name of ["public_body", "public_address", "visibility"]) data[name] = form.elements[name].value;
    data.public_files = [...form.querySelectorAll("[name=public_files]:checked")].map((one) => one.value);
  }
  decide("accept", data);
}

// Keys that are not a button's own (those are pressed by web/keyboard.js, which reads [data-key]).
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && chosen().length) { clear(); event.preventDefault(); return; }
  if (writing(event.target)) return;
  const key = event.key.toLowerCase();
  const many = chosen().length > 0;
  const number = Number(event.key);
  if (key === "j" || event.key === "ArrowDown" && !event.target.closest?.("[data-row]")) stepOver();
  else if (key === "k" || event.key === "ArrowUp" && !event.target.closest?.("[data-row]")) stepBack();
  else if (event.shiftKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) extend(event.key === "ArrowDown" ? 1 : -1);
  else if (key === "x") toggleFocused(event.shiftKey);
  else if (key === "u") undoNewest();
  else if (many && "agmrdlh".includes(key)) bulk({ a: "accept", g: "assign", m: "merge", r: "reject", d: "redirect", l: "hold", h: "ask" }[key]);
  else if (number >= 1 && number <= 4 && current()?.querySelector(`[data-number="${number}"]`)) choose(current().querySelector(`[data-number="${number}"]`));
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

function extend(step) {
  const rows = [...room.querySelectorAll("[data-row][data-version]")];
  const at = rows.indexOf(document.activeElement?.closest("[data-row]"));
  const row = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
  if (!row) return;
  if (at >= 0 && !chosen().length) toggle(rows[at].dataset.code);
  row.focus();
  toggle(row.dataset.code, true);
}

function bulk(verb) {
  if (verb === "none") clear();
  else if (verb === "accept") decideMany("accept");
  else if (verb === "assign") openSheet("agency");
  else if (verb === "merge") merge();
  else openSheet(verb);
}

function choose(twin) {
  for (const one of twin.closest("ol").querySelectorAll("[data-twin]")) {
    one.setAttribute("aria-pressed", String(one === twin));
    one.classList.toggle("chosen", one === twin);
  }
  const into = current().querySelector("[data-merge-into]");
  if (into) into.textContent = twin.dataset.twin;
}

document.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest(selector);
  let found;
  if ((found = on("[data-pick]"))) { event.preventDefault(); setTimeout(() => toggle(found.dataset.pick, event.shiftKey)); return; }
  if ((found = on("[data-tri-list] [data-row][data-code]"))) {
    if (event.ctrlKey || event.metaKey) return; // a page of its own
    event.preventDefault();
    if (event.shiftKey) { toggle(found.dataset.code, true); return; }
    openCode(found.dataset.code);
  } else if ((found = on("[data-sheet-opens]"))) openSheet(found.dataset.sheetOpens);
  else if (on("[data-merge]")) merge();
  else if ((found = on("[data-twin]"))) choose(found);
  else if ((found = on("[data-bulk]"))) bulk(found.dataset.bulk);
  else if ((found = on("[data-walk]"))) (found.dataset.walk === "1" ? stepOver : stepBack)();
  else if ((found = on("[data-category-choice]"))) replan({ category: found.dataset.categoryChoice, agency: "" });
  else if (on("[data-to-list]")) room.classList.remove("open");
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-accept], [data-public]")) { event.preventDefault(); accept(); }
  else if (form.matches("[data-take-over]")) {
    event.preventDefault();
    const { code } = current().dataset;
    post(new URL(form.action).pathname, {}).then(() => openCode(code, false));
  }
});

// Ctrl Enter in the public text accepts.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter" && event.target.closest?.("[data-public]")) { event.preventDefault(); accept(); }
});

document.addEventListener("hues:change", ({ detail }) => changed(detail));
document.addEventListener("hues:refreshed", ({ target }) => { if (target.matches("[data-tri-list]")) { restore(); mark(); showOthers(); countAgain(); } });
document.addEventListener("hues:bulk", ({ detail }) => { if (detail.codes.includes(current()?.dataset.code)) stepOver(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(); });
addEventListener("beforeunload", (event) => { if (busy()) event.preventDefault(); });

if (current()) { showOnMap(current()); room.dataset.shown = current().dataset.code; }
mark();
beat();
fetchAhead();
setInterval(beat, Number(room.dataset.beat) * 1000);
room.dataset.ready = "";
