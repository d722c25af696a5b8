// Many at once: chosen with X or Shift, decided together. And the undo of what waits, many or one: the server keeps it; this only shows it.
import { el } from "../web/ui.js";
import { busy, cannotUndo, room, settled, takenBack, tell, underway, word } from "./flow.js";
import { post } from "./wire.js";

const picked = new Map(); // code → version
const bar = room.querySelector("[data-many]");
const undoBar = document.querySelector("[data-undo-bar]");
let anchor = "";

export const chosen = () => [...picked.entries()];
const rows = () => [...room.querySelectorAll("[data-row][data-version]")];
const rowOf = (code) => room.querySelector(`[data-row][data-code="${CSS.escape(code)}"]`);
const boxOf = (code) => room.querySelector(`[data-pick="${CSS.escape(code)}"]`);

function set(code, on) {
  const row = rowOf(code), box = boxOf(code);
  if (!row || !box || box.disabled) return;
  if (on) picked.set(code, Number(row.dataset.version)); else picked.delete(code);
  box.checked = on;
}

function show() {
  bar.hidden = !picked.size;
  bar.querySelector("[data-many-count]").textContent = word("Chosen", { n: picked.size });
  room.dataset.chosen = String(picked.size);
}

/** X: this row, and the focus goes on to the next one. */
export function toggle(code, range = false) {
  if (range && anchor) {
    const codes = rows().map((row) => row.dataset.code);
    const [from, to] = [codes.indexOf(anchor), codes.indexOf(code)].sort((a, b) => a - b);
    for (const one of codes.slice(Math.max(0, from), to + 1)) set(one, true);
  } else {
    set(code, !picked.has(code));
    anchor = code;
  }
  show();
}

export function toggleFocused(range) {
  const row = document.activeElement?.closest("[data-row][data-version]") ?? room.querySelector("[data-row][aria-current]") ?? rows()[0];
  if (!row) return;
  toggle(row.dataset.code, range);
  const all = rows();
  all[all.indexOf(row) + 1]?.focus();
}

export function clear() {
  for (const code of [...picked.keys()]) set(code, false);
  picked.clear();
  show();
}

/** After the list was drawn anew: what is still there stays chosen. */
export function restore() {
  for (const code of [...picked.keys()]) if (rowOf(code) && boxOf(code)) boxOf(code).checked = true; else picked.delete(code);
  show();
}

export function decideMany(verb, data = {}, again = null) {
  const cases = chosen();
  if (cases.length) underway(sendMany(cases, verb, data, again));
}

async function sendMany(cases, verb, data, again) {
  try {
    const answer = await post("/desk/triage/bulk", { verb, chosen: cases, ...data });
    for (const [code] of cases) rowOf(code)?.closest("li").classList.add("waiting");
    clear();
    waitFor(answer.id, answer.left, answer.said);
    document.dispatchEvent(new CustomEvent("hues:bulk", { detail: { codes: cases.map(([code]) => code) } }));
    return true;
  } catch (problem) {
    again?.();
    tell(problem.message);
    return false;
  }
}

const agains = new WeakMap(); // of one alone: brings back the sheet with what was written in it

// One decision, from flow.js: it stands at the foot of the page until it is carried out.
document.addEventListener("hues:decided", ({ detail: { id, left, code, said, again } }) => {
  const form = waitFor(id, left, `${code}: ${said}`);
  form.dataset.code = code;
  if (again) agains.set(form, again);
});

function waitFor(id, left, said) {
  const form = el("form", {}, el("span", {}, said), el("button", { type: "submit", className: "button small" }, `${word("Undo")} `, el("kbd", {}, "U")));
  form.dataset.bulkId = id;
  form.dataset.left = left;
  undoBar.append(form);
  count(form);
  return form;
}

function count(form) {
  const clock = el("span", { className: "num" }, `${form.dataset.left} s`);
  form.querySelector("span").after(clock);
  let seconds = Number(form.dataset.left);
  const tick = setInterval(() => {
    seconds -= 1;
    clock.textContent = `${Math.max(0, seconds)} s`;
    if (seconds <= 0) { clearInterval(tick); form.remove(); }
  }, 1000);
  form.addEventListener("submit", (event) => { event.preventDefault(); clearInterval(tick); undo(form); });
}

async function undo(form) {
  try {
    const id = form.dataset.bulkId;
    delete form.dataset.bulkId; // the next U is for the one before it
    const answer = await post(`/desk/triage/bulk/${id}/undo`, {});
    form.replaceChildren(el("span", {}, form.dataset.code ? `${form.dataset.code}: ` : "", answer.said));
    setTimeout(() => form.remove(), 4000);
    for (const row of room.querySelectorAll("li.waiting")) row.classList.remove("waiting");
    if (form.dataset.code) await takenBack(form.dataset.code, agains.get(form));
  } catch (problem) {
    form.remove();
    tell(problem.message);
  }
}

const newest = () => [...undoBar.querySelectorAll("form[data-bulk-id]")].at(-1);

/** U: the newest decision is taken back. One that is still on its way is waited for; where it was refused there is nothing to take back. */
export async function undoNewest() {
  if (busy()) {
    const earlier = newest();
    const through = await settled();
    if (newest() === earlier) return through ? cannotUndo() : undefined;
  }
  if (newest()) newest().requestSubmit(); else cannotUndo();
}

/** L with several chosen: each is put aside. Those that cannot be are named, and stay chosen. */
export async function holdMany(data) {
  const refused = [];
  for (const [code, version] of chosen()) {
    try {
      await post(`/desk/triage/cases/${code}/decide`, { verb: "hold", version, ...data });
      set(code, false);
      rowOf(code)?.closest("li").remove();
    } catch (problem) { refused.push(word("Failed", { code, why: problem.message })); }
  }
  show();
  for (const text of refused) tell(text);
  return refused.length === 0;
}

for (const form of undoBar.querySelectorAll("form[data-bulk-id]")) count(form);
