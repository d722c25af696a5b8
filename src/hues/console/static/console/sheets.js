// Sheets: one question each, answered by keyboard, mouse or touch. What they ask is sent for the open case, or for all that are chosen.
import { el, icon } from "../web/ui.js";
import { current, decide, hint, replan, stepOver, tell, word } from "./flow.js";
import { chosen, decideMany, holdMany } from "./many.js";
import { json } from "./wire.js";

const sheets = new Map([...document.querySelectorAll("[data-sheet]")].map((sheet) => [sheet.dataset.sheet, sheet]));
const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase();
const GAP = /\{[^{}\n]{1,80}\}|\[[^[\]\n]{1,160}\]/;

export function openSheet(name, values = {}, problem = null) {
  const sheet = sheets.get(name);
  if (!sheet || (!current() && !chosen().length)) return;
  if (name === "ask" && chosen().length) { hint(word("AskOne", { n: chosen().length })); return; } // a question is one sender's own
  const form = sheet.querySelector("form");
  form.reset();
  if (name === "hold") offerTimes(form);
  for (const [field, value] of Object.entries(values)) if (form.elements[field]) form.elements[field].value = value;
  complain(form, problem?.message ?? "");
  sheet.showModal();
  if (sheet.querySelector("[data-filter]")) filter(sheet, "");
  const replies = sheet.querySelector("[data-replies]");
  if (replies) loadReplies(replies, form, name, Boolean(values.text));
  (sheet.querySelector("[data-filter]") ?? (replies && !values.text ? replies : null) ?? sheet.querySelector("[name=text], [name=reason], [name=parent]"))?.focus();
}

/** Only moments that the open case may wait for: what must be handled at once is not put aside for long. */
function offerTimes(form) {
  const longest = chosen().length ? Infinity : Number(current()?.dataset.longestHold ?? Infinity);
  const options = [...form.querySelectorAll("[name=wake]")];
  for (const option of options) {
    option.disabled = Number(option.dataset.minutes) > longest;
    option.closest("label").hidden = option.disabled;
  }
  const usable = options.filter((option) => !option.disabled);
  (usable.find((option) => option.defaultChecked) ?? usable.at(-1) ?? options[0]).checked = true;
}

async function holdSeveral(data) {
  const here = chosen().some(([code]) => code === current()?.dataset.code);
  await holdMany(data);
  if (here && !chosen().some(([code]) => code === current()?.dataset.code)) stepOver();
}

function complain(form, text) {
  const error = form.querySelector("[data-error]");
  if (!error) return;
  error.hidden = !text;
  error.replaceChildren(...(text ? [icon("warning"), text] : []));
}

// Pickers

const shownOptions = (sheet) => [...sheet.querySelectorAll("[role=option]:not([hidden])")];

function filter(sheet, text) {
  const words = fold(text).split(/\s+/).filter(Boolean);
  for (const option of sheet.querySelectorAll("[role=option]")) option.hidden = !words.every((one) => ` ${option.dataset.fold}`.includes(` ${one}`));
  select(sheet, shownOptions(sheet)[0]);
}

function select(sheet, option) {
  for (const one of sheet.querySelectorAll("[aria-selected=true]")) one.setAttribute("aria-selected", "false");
  const input = sheet.querySelector("[data-filter]");
  if (!option) { input.removeAttribute("aria-activedescendant"); return; }
  option.setAttribute("aria-selected", "true");
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function pick(sheet, option) {
  if (!option) return;
  const name = sheet.dataset.sheet;
  sheet.close();
  if (chosen().length) decideMany(name === "agency" ? "assign" : "accept", { [name]: option.dataset.value });
  else replan(name === "category" ? { category: option.dataset.value, agency: "" } : { agency: option.dataset.value });
}

for (const sheet of sheets.values()) {
  const input = sheet.querySelector("[data-filter]");
  if (!input) continue;
  input.addEventListener("input", () => filter(sheet, input.value));
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const options = shownOptions(sheet);
      const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
      select(sheet, options[Math.max(0, Math.min(options.length - 1, at + step))]);
    } else if (event.key === "Enter") pick(sheet, sheet.querySelector("[aria-selected=true]"));
    else return;
    event.preventDefault();
  });
  sheet.addEventListener("click", (event) => { const option = event.target.closest("[role=option]"); if (option) pick(sheet, option); });
}

// Canned replies: 1 to 9 put one in, the first gap is selected, Ctrl Enter sends.

async function loadReplies(list, form, verb, keep) {
  list.tabIndex = -1;
  list.replaceChildren(el("span", { className: "meta" }, word("Again")));
  const node = current();
  const code = chosen()[0]?.[0] ?? node?.dataset.code;
  const url = new URL(`/desk/triage/cases/${code}/replies`, location.href);
  url.searchParams.set("verb", verb);
  if (node?.dataset.agencyName) url.searchParams.set("agency_name", node.dataset.agencyName);
  let replies = [];
  try { ({ replies } = await json(url)); } catch (problem) { complain(form, problem.message); }
  const many = chosen().length > 1;
  list.replaceChildren(...replies.map((reply, at) => button(reply, at, list, form, many)));
  if (!replies.length) list.replaceChildren(el("span", { className: "meta" }, word("NoReply")));
  if (!keep && document.activeElement === list) list.focus();
}

function button(reply, at, list, form, many) {
  const sign = { own: "user", shared: "users" }[reply.source];
  const node = el("button", { type: "button" }, ...(at < 9 ? [el("kbd", {}, String(at + 1))] : []), ...(sign ? [icon(sign)] : []), reply.title);
  node.setAttribute("aria-pressed", "false");
  node.addEventListener("click", () => {
    for (const one of list.children) one.setAttribute("aria-pressed", String(one === node));
    const choice = form.elements.reason ?? form.elements.to;
    if (choice && reply.choice) choice.value = reply.choice;
    form.elements.text.value = many ? reply.template ?? reply.text : reply.text;
    toGap(form.elements.text);
  });
  return node;
}

/** The cursor selects the first gap: typing fills it. Without a gap the text is ready. */
function toGap(area) {
  area.focus();
  const gap = GAP.exec(area.value);
  if (gap) area.setSelectionRange(gap.index, gap.index + gap[0].length);
  else area.setSelectionRange(area.value.length, area.value.length);
}

document.addEventListener("keydown", (event) => {
  const sheet = document.querySelector("dialog[data-sheet][open]");
  if (!sheet || event.altKey || event.metaKey) return;
  const form = sheet.querySelector("form");
  if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); form.requestSubmit(form.querySelector(".dialog-actions button:not([type=button])")); return; }
  if (event.key === "Tab" && !event.shiftKey && event.target.matches("textarea") && GAP.test(event.target.value)) {
    const after = event.target.value.slice(event.target.selectionEnd).search(GAP);
    if (after >= 0) { // on to the next gap
      const start = event.target.selectionEnd + after;
      event.target.setSelectionRange(start, start + GAP.exec(event.target.value.slice(start))[0].length);
      event.preventDefault();
    }
    return;
  }
  if (/^[1-9]$/.test(event.key) && !event.ctrlKey && !event.target.matches("input, textarea, select")) {
    const number = Number(event.key) - 1;
    const options = sheet.querySelectorAll("[data-replies] > button");
    if (options[number]) { options[number].click(); event.preventDefault(); }
  }
}, true);

for (const sheet of sheets.values()) {
  const form = sheet.querySelector("form[data-verb]");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const verb = form.dataset.verb;
    const data = Object.fromEntries(new FormData(form));
    const gap = data.text && GAP.exec(data.text);
    if (gap && !chosen().length) { complain(form, word("Gaps", { gaps: gap[0] })); toGap(form.elements.text); return; }
    sheet.close();
    if (chosen().length && verb === "hold") holdSeveral(data);
    else if (chosen().length) decideMany(verb, data, () => openSheet(verb, data));
    else decide(verb, data, (problem) => openSheet(verb, data, problem));
  });
}

/** M: into the chosen one of the cluster; without a cluster the code is asked for. */
export function merge() {
  const node = current();
  const twin = node?.querySelector("[data-twin][aria-pressed=true]");
  if (chosen().length) openSheet("merge", { parent: twin?.dataset.twin ?? node?.dataset.code ?? "" });
  else if (twin) decide("merge", { parent: twin.dataset.twin }, (problem) => problem && tell(problem.message));
  else openSheet("merge", { parent: node?.querySelector("[data-twin]")?.dataset.twin ?? "" });
}
