// /me/drafts: what lies on this phone, drawn from its own storage, so that it works without a network.
import { el, icon } from "./ui.js";
import { drafts, send } from "./outbox.js";

const list = document.querySelector("[data-list]");
const card = document.querySelector("template[data-card]").content.firstElementChild;
const states = document.querySelector("template[data-states]").content;
const names = JSON.parse(document.getElementById("category-names").textContent);
const language = document.documentElement.lang;
const busy = new Set(); // being sent by this page
let addresses = []; // of pictures, to be let go

const word = (name) => states.querySelector(`[data-name="${name}"]`);

async function draw() {
  const found = await drafts.list();
  addresses.forEach((address) => URL.revokeObjectURL(address));
  addresses = [];
  list.replaceChildren(...found.map(show));
  const others = await drafts.others();
  const note = document.querySelector("[data-others]");
  note.hidden = others === 0;
  note.querySelector("span").textContent = (others === 1 ? note.dataset.one : note.dataset.many).replace("{n}", others);
  document.querySelector("[data-none]").hidden = found.length > 0 || others > 0 || Boolean(document.querySelector("[data-drafts] > article"));
}

function show(draft) {
  const node = card.cloneNode(true);
  const at = (name) => node.querySelector(`[data-${name}]`);
  const state = busy.has(draft.id) && draft.state === "waiting" ? "sending" : draft.state;
  const unknown = Boolean(draft.posted) && state !== "sent";
  node.dataset.draft = draft.id;
  node.dataset.state = state;
  const { category, body } = draft.fields;
  at("title").textContent = names[category] ?? word(draft.media.length ? "photo" : "untitled").textContent;
  at("body").textContent = body ?? "";
  at("body").hidden = !body;
  at("when").textContent = [ago(draft.queued ?? draft.updated), draft.fields.address, draft.code].filter(Boolean).join(" · ");
  at("state").append(word(state).cloneNode(true));
  if (unknown && state === "waiting") at("state").append(" ", word("unknown").cloneNode(true));
  const [first] = draft.media;
  if (first?.blob?.type.startsWith("image/")) {
    const address = URL.createObjectURL(first.blob);
    addresses.push(address);
    at("thumb").replaceChildren(el("img", { src: address, alt: first.alt ?? "" }));
  }
  if (state === "sent") at("thumb").firstElementChild.replaceChildren(icon("check"));
  if (state === "refused") {
    const lines = Object.values(draft.problem?.fields ?? {});
    at("problems").replaceChildren(...(lines.length ? lines : [draft.problem?.detail ?? ""]).map((line) => el("li", {}, line)));
    at("problems").hidden = false;
  }
  at("send").hidden = ["sending", "sent", "needs_sign_in", "refused"].includes(state) || (state === "editing" && !ready(draft));
  at("sign-in").hidden = state !== "needs_sign_in";
  at("see").hidden = state !== "sent";
  if (draft.url) at("see").href = draft.url;
  at("edit").hidden = unknown || ["sending", "sent"].includes(state);
  at("remove").hidden = state === "sending" || (unknown && state !== "needs_sign_in");
  at("send").addEventListener("click", () => sendNow(draft));
  at("edit").addEventListener("click", () => edit(draft));
  at("remove").addEventListener("click", () => (state === "sent" ? drafts.remove(draft.id) : remove(draft)));
  return node;
}

const ready = ({ fields, media }) => Boolean(fields.category && (fields.body || media.length));

async function sendNow(draft) {
  busy.add(draft.id);
  try {
    await send(draft);
  } finally {
    busy.delete(draft.id);
    await draw();
  }
}

/** Not sent under somebody's fingers: it waits no longer once it is opened. */
async function edit(draft) {
  await drafts.put({ id: draft.id, state: "editing" });
  location.href = `/report?draft=${draft.id}`;
}

function remove(draft) {
  const dialog = document.getElementById("drop-draft");
  dialog.returnValue = "";
  dialog.addEventListener("close", () => { if (dialog.returnValue === "yes") drafts.remove(draft.id); }, { once: true });
  dialog.showModal();
}

function ago(moment) {
  const seconds = (Date.parse(moment) - Date.now()) / 1000;
  const [unit, size] = [["day", 86400], ["hour", 3600], ["minute", 60]].find(([, length]) => Math.abs(seconds) >= length) ?? ["minute", 60];
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(Math.round(seconds / size), unit);
}

document.addEventListener("hues:outbox", draw);
draw();
