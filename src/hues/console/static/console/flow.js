// One case after the other. The next is fetched ahead, so that a decision shows it at once; what was decided counts as done when the server
// has said so, and comes back with what to mend when it refuses.
import { el, icon } from "../web/ui.js";
import { fragment, post, say } from "./wire.js";
import { showOnMap } from "./ground.js";

export const room = document.querySelector("[data-triage]");
const open = room.querySelector("[data-open]");
const alerts = room.querySelector("[data-alerts]");
const view = JSON.parse(room.dataset.query);
const ahead = []; // fetched, leased, not yet shown: nodes
const flying = new Map(); // being decided: id → node
const sending = new Set(); // promises of decisions that the server has not answered: true when it went through
let declined = new Set(); // codes in the list when there was none among them for us
const passed = new Set(); // ids that were stepped over
const before = []; // codes that were open before this one
let left = []; // ids to let go of with the next heartbeat
let fetching = null;
let done = 0;
let last = ""; // the code decided last, alone
let failed = false; // the next one could not be fetched
let pressed = 0; // when the key that decided went down

export const current = () => open.querySelector("[data-case]");
export const word = (name, values = {}) => say(room.dataset[`word${name}`] ?? "", values);
export const busy = () => sending.size > 0;
/** When every decision that was pressed until now is answered: whether the last of them went through. */
export const settled = async () => (await Promise.allSettled(sending)).at(-1)?.value;
/** A decision is on its way: of one case or of many. */
export function underway(sent) {
  sending.add(sent);
  sent.finally(() => sending.delete(sent));
}
const here = (node) => `/desk/triage/cases/${node.dataset.code}`;

// Showing

function put(node, how = "") {
  const started = performance.now();
  const old = open.querySelector("[data-case], [data-nothing]");
  if (old) old.replaceWith(node); else open.prepend(node);
  alerts.replaceChildren();
  mark();
  showOnMap(node);
  room.classList.add("open");
  scrollTo({ top: 0 });
  node.querySelector("h1")?.focus({ preventScroll: true });
  const url = new URL(location.href);
  url.searchParams.set("case", node.dataset.code);
  history.replaceState(null, "", url);
  room.dataset.shown = node.dataset.code;
  room.dataset.took = String(Math.round(performance.now() - (pressed || started))); // milliseconds from the press
  pressed = 0;
  document.dispatchEvent(new CustomEvent("hues:triage", { detail: { node, how } }));
}

/** There is none to open. */
function nothing() {
  declined = new Set(lines().map((row) => row.dataset.code));
  sayNothing();
}

/** No case is open. "Well done" is said only where nothing stands in the list either. */
function sayNothing() {
  const rows = standing(), rest = rows.length;
  const fresh = rows.some((row) => !declined.has(row.dataset.code));
  const text = failed ? word("Unfetched") : rest ? word(fresh ? "Fresh" : "Rest", { n: rest }) : word("Empty");
  const node = el("div", { className: "tri-nothing" }, el("p", { className: "lead" }, text));
  node.dataset.nothing = failed ? "failed" : rest ? "rest" : "done";
  const old = open.querySelector("[data-case], [data-nothing]");
  if (old) old.replaceWith(node); else open.prepend(node);
  open.querySelector("[data-tri-map]").hidden = true;
  room.classList.remove("open");
  room.dataset.shown = "";
  mark();
}

/** The list changed where no case is open: what is said of it is said anew. */
export function countAgain() {
  if (open.querySelector("[data-nothing=rest], [data-nothing=done]")) sayNothing();
}

/** The row of the open case is the current one; those being decided are on their way out. */
export function mark() {
  const code = current()?.dataset.code;
  const going = new Set([...flying.values()].map((node) => node.dataset.code));
  for (const row of room.querySelectorAll("[data-row]")) {
    row.toggleAttribute("aria-current", row.dataset.code === code);
    if (row.dataset.code === code) { row.setAttribute("aria-current", "true"); intoView(row); }
    row.closest("li")?.classList.toggle("leaving", going.has(row.dataset.code));
  }
}

/** Within the list alone: the page stays where it is. */
function intoView(row) {
  const list = row.closest("[data-tri-list]");
  const item = row.closest("li");
  if (!list || list.scrollHeight <= list.clientHeight) return;
  if (item.offsetTop < list.scrollTop) list.scrollTop = item.offsetTop;
  else if (item.offsetTop + item.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = item.offsetTop + item.offsetHeight - list.clientHeight;
}

/** Rows that nobody of this page decides just now and no bulk decision holds. */
function standing() {
  const going = new Set([...flying.values()].map((node) => node.dataset.code));
  return [...room.querySelectorAll("[data-row]")].filter((row) => !going.has(row.dataset.code) && !row.closest("li.waiting"));
}

function noteOf(tone, sign, text, actions) {
  const note = el("div", { className: `note ${tone}` }, icon(sign), el("span", {}, text), ...actions);
  alerts.append(note);
  return note;
}
const alertOf = (text, ...actions) => noteOf("bad", "warning", text, actions);
export const tell = alertOf;
/** Said without alarm. */
export const hint = (text, ...actions) => noteOf("info", "info", text, actions);

// Fetching ahead

function skipped() {
  const shown = current();
  return [...passed, ...flying.keys(), ...ahead.map((node) => node.dataset.id), ...(shown ? [shown.dataset.id] : [])];
}

export function fetchAhead() {
  if (fetching || ahead.length || surfaced()) return fetching ?? Promise.resolve();
  fetching = fragment("/desk/triage/next", { view, skip: skipped() })
    .then((node) => { failed = false; if (node) { ahead.push(node); for (const image of node.querySelectorAll("img[src]")) { image.loading = "eager"; new Image().src = image.src; } } })
    .catch(() => { failed = true; }) // the next press asks again
    .finally(() => { fetching = null; room.dataset.ahead = ahead[0]?.dataset.code ?? ""; });
  return fetching;
}

async function nextAhead() {
  if (!ahead.length) {
    await fetchAhead();
    if (!ahead.length && !fetching) await fetchAhead(); // the first may have been asked before the last press
  }
  const node = ahead.shift();
  room.dataset.ahead = ahead[0]?.dataset.code ?? "";
  return node;
}

/** Whatever comes next is shown: at once where it was fetched ahead. What was stepped over comes again when all else is done. */
async function advance() {
  if (surfaced()) return alongside();
  let node = await nextAhead(), again = 0;
  if (!node && passed.size && !failed) {
    again = passed.size;
    passed.clear();
    node = await nextAhead();
  }
  const shown = current();
  if (node) put(node, "next");
  else if (shown && again && !flying.has(shown.dataset.id)) left = left.filter((id) => id !== shown.dataset.id); // the only one
  else nothing();
  if (again && current()) hint(word("Skipped", { n: again }));
  beat();
  fetchAhead();
}

// What surfaced by itself is walked as it stands in the list: agencies too, which have a page instead of a case.

const surfaced = () => room.dataset.list === "untouched";
const lines = () => [...room.querySelectorAll("[data-row]")];

function placeOf(rows) {
  const focused = document.activeElement?.closest("[data-row]:not([data-code])");
  return focused ? rows.indexOf(focused) : rows.findIndex((row) => row.dataset.code === current()?.dataset.code);
}

/** After a decision: the row below, else the one above, whichever is not being decided. */
async function alongside() {
  const rows = lines(), at = placeOf(rows), free = new Set(standing());
  const row = [...rows.slice(at + 1), ...rows.slice(0, Math.max(at, 0)).reverse()].find((one) => free.has(one));
  if (row?.dataset.code) return openCode(row.dataset.code, false);
  nothing();
  row?.focus();
  beat();
}

async function neighbour(step) {
  const rows = lines();
  const row = rows[placeOf(rows) + step];
  if (row?.dataset.code) await openCode(row.dataset.code, false);
  else if (row) { row.focus(); intoView(row); } // Enter opens it
}

/** J: over this one to the next, without deciding it. */
export async function stepOver() {
  if (surfaced()) return neighbour(1);
  const node = current();
  if (node) { passed.add(node.dataset.id); before.push(node.dataset.code); left.push(node.dataset.id); }
  await advance();
}

/** K: back to the one before. */
export async function stepBack() {
  if (surfaced()) return neighbour(-1);
  const code = before.pop();
  if (code) await openCode(code, false);
}

export async function openCode(code, remember = true) {
  const node = current();
  if (node && node.dataset.code !== code) {
    if (remember) before.push(node.dataset.code);
    if (!flying.has(node.dataset.id)) left.push(node.dataset.id);
  }
  const known = ahead.findIndex((one) => one.dataset.code === code);
  try {
    const fresh = known >= 0 ? ahead.splice(known, 1)[0] : await fragment(`/desk/triage/cases/${code}`);
    passed.delete(fresh.dataset.id);
    left = left.filter((id) => id !== fresh.dataset.id);
    put(fresh);
    beat();
    fetchAhead();
  } catch (problem) { alertOf(problem.message); }
}

/** The same case with another category or agency: nothing is written. */
export async function replan(changes) {
  const node = current();
  if (!node) return;
  const url = new URL(here(node), location.href);
  const kept = { category: node.dataset.chosenCategory, agency: node.dataset.chosenAgency, ...changes };
  for (const [name, value] of Object.entries(kept)) if (value) url.searchParams.set(name, value);
  try {
    const fresh = await fragment(url);
    fresh.dataset.chosenCategory = kept.category ?? "";
    fresh.dataset.chosenAgency = kept.agency ?? "";
    if (current() === node) put(fresh, "replan");
  } catch (problem) { alertOf(problem.message); }
}

// Deciding

/** Sends a decision for the open case and goes on at once. `again` brings a refused one back into its form. */
export function decide(verb, data = {}, again = null) {
  const node = current();
  if (!node || node.querySelector("[data-taken]")) return;
  underway(send(node, verb, data, again));
}

async function send(node, verb, data, again) {
  const { id, code, version } = node.dataset;
  pressed = globalThis.event?.timeStamp ?? performance.now();
  flying.set(id, node);
  before.push(code);
  let through = false;
  const sent = post(`${here(node)}/decide`, { verb, version: Number(version), ...data }, { keepalive: true });
  const shown = advance();
  try {
    const answer = await sent;
    flying.delete(id);
    through = true;
    done += 1;
    room.dataset.done = String(done);
    last = answer.code;
    log(answer);
    if (answer.id) document.dispatchEvent(new CustomEvent("hues:decided", { detail: { ...answer, again } }));
    room.querySelector(`[data-row][data-code="${CSS.escape(code)}"]`)?.closest("li")?.remove();
  } catch (problem) {
    flying.delete(id);
    await shown;
    await bringBack(node, problem, again);
  }
  mark();
  countAgain();
  return through;
}

/** A decision was taken back: its case is open again, with whatever was written for it. What was open waits as the next one. */
export async function takenBack(code, again) {
  done = Math.max(0, done - 1);
  room.dataset.done = String(done);
  if (last === code) last = "";
  room.querySelector(".tri-log")?.remove();
  const shown = current();
  const fresh = await fragment(`/desk/triage/cases/${code}`);
  if (shown && shown === current() && shown.dataset.code !== code) ahead.unshift(shown);
  if (before.at(-1) === code) before.pop();
  put(fresh, "back");
  beat();
  again?.();
}

/** U where nothing waits: it is carried out, and people are told. Says where it can be changed. */
export function cannotUndo() {
  for (const old of alerts.querySelectorAll("[data-no-undo]")) old.remove();
  const note = last ? hint(word("NoUndo", { code: last }), el("a", { className: "button small secondary", href: `/desk/cases/${last}` }, last)) : hint(word("Nothing"));
  note.dataset.noUndo = "";
}

function log(answer) {
  let line = room.querySelector(".tri-log");
  if (!line) { line = el("p", { className: "tri-log" }); line.setAttribute("role", "status"); room.querySelector(".tri-case").append(line); }
  line.replaceChildren(el("span", { className: "strong" }, word("Done", { n: done })), el("a", { href: `/desk/cases/${answer.code}` }, `${answer.code}: ${answer.said}`));
}

/** Refused: the case is shown again, as it is now, with what to mend. Never under a typing hand. */
async function bringBack(node, problem, again) {
  const offline = problem instanceof TypeError;
  const why = offline ? word("Offline") : problem.message;
  const code = node.dataset.code;
  const text = word("Failed", { code, why });
  if (document.querySelector("dialog[open]")) {
    const back = el("button", { type: "button", className: "button small" }, word("Back"));
    const note = alertOf(text, back);
    back.addEventListener("click", () => { note.remove(); openCode(code); });
    return;
  }
  const shown = current();
  if (shown && shown !== node) ahead.unshift(shown);
  before.pop();
  let fresh = node;
  if (!offline) fresh = (await fragment(here(node)).catch(() => null)) ?? node;
  put(fresh, "back");
  alertOf(text);
  if (problem.status === 422) again?.(problem);
}

// The heartbeat

const others = new Map();
export async function beat() {
  const node = current();
  const held = ahead.map((one) => one.dataset.id);
  const taken = node?.querySelector("[data-taken]");
  const gone = left;
  left = [];
  const sent = { reading: node && !taken ? node.dataset.id : null, held, left: gone.filter((id) => id !== node?.dataset.id), opened: node?.dataset.code };
  try {
    const answer = await post("/desk/triage/beat", sent);
    others.clear();
    for (const { code, who } of answer.present) others.set(code, who);
    showOthers();
    for (const [id, who] of Object.entries(answer.lost)) lose(id, who);
  } catch { left.push(...gone); }
}

export function showOthers() {
  for (const row of room.querySelectorAll("[data-row][data-code]")) {
    const who = others.get(row.dataset.code);
    const sign = row.querySelector("[data-who]");
    if (!sign) continue;
    sign.hidden = !who;
    if (who) sign.querySelector("span").textContent = word("AtIt", { who });
  }
}

function lose(id, who) {
  const at = ahead.findIndex((node) => node.dataset.id === id);
  if (at >= 0) { ahead.splice(at, 1); fetchAhead(); return; }
  const node = current();
  if (node?.dataset.id === id) openCode(node.dataset.code, false).then(() => alertOf(word("Lost", { who, code: node.dataset.code })));
}

/** Something happened to a case: the open one is fetched again unless somebody is writing in it. */
export function changed({ subject, action }) {
  const node = current();
  if (action === "case.taken_over") beat();
  if (!node || node.dataset.id !== subject || action === "case.read" || flying.has(subject)) return;
  if (document.querySelector("dialog[open]") || node.querySelector("details.tri-public[open]") || node.dataset.chosenCategory || node.dataset.chosenAgency) return;
  fragment(here(node)).then((fresh) => { if (fresh && current() === node) put(fresh, "changed"); }).catch(() => {});
}
