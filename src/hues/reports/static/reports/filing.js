// Filing on one page: photo, place, kind, send. What is written is a draft on this device (web/outbox.js) from the first touch on; it is sent
// exactly once, now or when there is a network. The page itself knows nothing of anybody: it is the same with and without one.
import { drafts, flush, newId, send } from "../web/outbox.js";
import { ready } from "../web/photo.js";
import { setUpKinds } from "./kinds.js";
import { setUpNear } from "./near.js";
import { setUpGuest } from "./guest.js";
import { setUpThings } from "./things.js";
import { setUpFlags } from "./flags.js";
import { setUpAlts } from "./alts.js";
import "./speech.js";

const form = document.getElementById("filing");
const words = JSON.parse(form.dataset.words);
const $ = (selector) => form.querySelector(selector);
const draft = { id: newId(), language: document.documentElement.lang, state: "editing", fields: {}, media: [] };
const mediaIds = new WeakMap(); // File → its id in the draft
const sendButton = $("[data-send]");
let touched = false; // something was entered that is worth keeping
let storing = true;

const kinds = setUpKinds(form, words, { changed: (byHand) => { keep(byHand); near.prepare(point()); hint(); } });
const near = setUpNear(form);
const guest = setUpGuest(words);
const flags = setUpFlags(form);
const alts = setUpAlts(form, { changed: (file) => { mediaIds.set(file, newId()); gatherMedia(); keep(); } }); // with other words it is another upload
const things = setUpThings(form, { picked: (ref) => { draft.fields.asset = ref; keep(); } });

// What is kept.

let timer;
function keep(byHand = true) {
  touched ||= byHand;
  if (!touched || !storing) return;
  clearTimeout(timer);
  timer = setTimeout(save, 300);
}

async function save() {
  clearTimeout(timer);
  gather();
  try { await drafts.put(draft); } catch { storing = false; } // private mode or a full device: then without
}

function gather() {
  const { fields } = draft;
  fields.body = $("[name=body]").value.trim();
  fields.address = $("[name=address]").value.trim();
  fields.category = kinds.chosen();
  fields.answers = kinds.answers();
  fields.anonymous = $("[name=shown_as]:checked").value === "anonymous";
}

let chosen = []; // photos and videos
function gatherMedia() {
  draft.media = chosen.map((file) => ({ id: mediaIds.get(file), name: file.name, type: file.type, blob: file, alt: alts.of(file), uploaded: null }));
}

form.addEventListener("input", () => keep());
form.addEventListener("change", (event) => { if (event.target.type !== "file") keep(); });
form.addEventListener("hues:photos", ({ detail }) => {
  for (const file of detail.files) if (!mediaIds.has(file)) mediaIds.set(file, newId());
  chosen = detail.files;
  gatherMedia();
  alts.show(chosen);
  if (detail.count) clear("photos", "body");
  keep();
});
addEventListener("pagehide", () => { if (touched && draft.state === "editing") save(); });

// Where.

const point = () => (draft.fields.lat === undefined ? null : { lat: draft.fields.lat, lon: draft.fields.lon });

document.addEventListener("hues:place", ({ detail }) => {
  if (detail.lat === undefined) return;
  const set = draft.fields.place_source;
  if (detail.source === "photo" && (set === "map" || set === "address")) return; // set by hand: stays
  if (detail.silent && set) return;
  if (detail.source === "photo" && set !== "photo") earlier = set ? { lat: draft.fields.lat, lon: draft.fields.lon, source: set } : null;
  setPlace(detail);
  keep(detail.source !== "device");
});

let about = ""; // how we know where
let earlier = null; // what was known before a photo told
function setPlace({ lat, lon, address, source, accuracy }) {
  about = source === "device" && accuracy ? words.from_device_to.replace("{m}", accuracy) : (words[`from_${source}`] ?? "");
  if (source === "device") $("[data-place] [data-status]").textContent = "";
  Object.assign(draft.fields, { lat: Number(lat.toFixed(6)), lon: Number(lon.toFixed(6)), place_source: source });
  for (const name of ["lat", "lon", "place_source"]) $(`[name=${name}]`).value = draft.fields[name];
  if (address) $("[name=address]").value = address;
  clear("address");
  showPlace({ name: "", approximate: false });
  hint();
}

function showPlace(place) {
  $("[data-unit]").textContent = place.name || about;
  $("[data-how]").textContent = [place.name ? about : "", place.approximate ? words.approximate : ""].filter(Boolean).join(" · ");
  $("[data-known]").classList.add("is-known");
}

/** Beyond the city: said. What a photo told is not kept, for it may be of another day and place; what somebody set by hand waits to be mended. */
function outside() {
  if (draft.fields.place_source === "photo") {
    if (earlier) setPlace(earlier);
    else forgetPlace();
    complain({ address: words.photo_outside }, false);
    keep();
  } else complain({ address: words.outside }, false);
}

function forgetPlace() {
  for (const name of ["lat", "lon", "place_source"]) { delete draft.fields[name]; $(`[name=${name}]`).value = ""; }
  about = "";
  showPlace({ name: words.unknown, approximate: false });
  $("[data-known]").classList.remove("is-known");
}

const locate = () => { if (!draft.fields.place_source) $("[data-locate]")?.click(); };
document.addEventListener("hues:taken-here", locate);

// What it may be: asked after a pause in writing; without a network the kinds' own words decide.

let asking, hintTimer;
function hint() {
  clearTimeout(hintTimer);
  hintTimer = setTimeout(askHint, 250);
}
$("[name=body]").addEventListener("input", hint);
document.addEventListener("hues:spoken", hint);

async function askHint() {
  asking?.abort();
  asking = new AbortController();
  const text = $("[name=body]").value;
  try {
    const response = await fetch("/report/hints", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ text, category: kinds.chosen(), ...point() }), signal: asking.signal });
    if (!response.ok) throw new Error(response.status);
    const said = await response.json();
    kinds.offer(said.choices);
    showDanger(said.danger);
    flags.show(said.flags);
    showAgency(said.agency);
    things.offer(said.things);
    if (said.place?.inside === false) outside();
    else if (said.place && draft.fields.place_source) showPlace(said.place);
  } catch (error) {
    if (error.name !== "AbortError") kinds.offerLocally(text);
  }
}

function showAgency(agency) {
  const node = $("[data-agency]");
  node.hidden = !agency;
  const words = agency ? node.dataset.words.replace("{agency}", agency.name) + (agency.because ? ` (${agency.because})` : "") : "";
  if (node.textContent !== words) node.textContent = words;
}

function showDanger(numbers) {
  const node = $("[data-danger]");
  for (const line of node.querySelectorAll("[data-number]")) line.hidden = !numbers.includes(line.dataset.number);
  const appears = node.hidden && numbers.length > 0;
  node.hidden = numbers.length === 0;
  if (appears) node.scrollIntoView({ block: "nearest" }); // whole, not half behind the bar
}

// Sending.

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (sendButton.getAttribute("aria-busy") === "true") return;
  busy(true);
  try {
    await ready();
    gather();
    const wrong = mistakes();
    if (Object.keys(wrong).length) { complain(wrong); return; }
    const joins = await near.ask(point(), draft.fields); // null: the sheet was closed
    if (joins === null) return;
    draft.fields.joins = joins;
    await deliver();
  } finally {
    busy(false);
  }
});

async function deliver() {
  clearTimeout(timer);
  let result;
  try { result = await send({ ...draft, state: "waiting" }); } catch { HTMLFormElement.prototype.submit.call(form); return; } // no storage here: as a plain form
  while (result.state === "needs_sign_in") {
    if (!(await guest.confirm())) { await save(); return; }
    result = (await flush(draft.id))[0] ?? result;
  }
  draft.state = result.state;
  if (result.state === "sent") location.assign(draft.fields.for_other ? `/report/for/${draft.fields.for_other}` : `/report/sent/${result.code}`);
  else if (result.state === "refused") { draft.state = "editing"; await save(); complain(named(result.problem)); }
  else showWaiting();
}

function mistakes() {
  const { fields, media } = draft;
  const kind = kinds.option();
  const wrong = {};
  if (!fields.place_source && !fields.address && !("anywhere" in (kind?.dataset ?? {}))) wrong.address = words.where;
  if (!kind) wrong.category = words.category;
  if (kind && "photo" in kind.dataset && !media.length) wrong.photos = words.photo;
  for (const name of kinds.unanswered()) wrong[name] = words.answer;
  if (!fields.body && !media.length && !Object.keys(fields.answers).length) wrong.body = words.body;
  return wrong;
}

/** The server's names of fields as this page's. */
function named({ detail, fields = {} }) {
  const page = { lat: "address", lon: "address", place: "address", file_ids: "photos", files: "photos" };
  const found = Object.fromEntries(Object.entries(fields).map(([name, text]) => [page[name] ?? name.replace("answers.", "answer_"), text]));
  return Object.keys(found).length ? found : { page: detail };
}

function busy(is) {
  if (is) sendButton.setAttribute("aria-busy", "true"); else sendButton.removeAttribute("aria-busy");
  const label = sendButton.querySelector("span");
  label.dataset.idle ??= label.textContent;
  label.textContent = is ? words.sending : label.dataset.idle;
}

document.addEventListener("hues:outbox", ({ detail }) => {
  if (detail.id === draft.id && detail.photos) sendButton.querySelector("span").textContent = words.photos.replace("{n}", detail.photo).replace("{of}", detail.photos);
});

function showWaiting() {
  form.hidden = true;
  const node = document.querySelector("[data-on-device]");
  node.hidden = false;
  scrollTo(0, 0);
  node.focus();
}
document.addEventListener("hues:outbox", ({ detail }) => { // the network came back while the page was open
  if (detail.id === draft.id && detail.state === "sent" && form.hidden) location.assign(`/report/sent/${detail.code}`);
});

// Mistakes: beside the field, and all of them above with links.

function complain(wrong, summary = true) {
  clear(...[...form.querySelectorAll(".error[data-said]")].map((node) => node.id.slice(2)));
  const list = document.createElement("ul");
  for (const [name, text] of Object.entries(wrong)) {
    const control = controlOf(name);
    if (control) mark(name, control, text);
    const link = Object.assign(document.createElement("a"), { href: control ? `#${control.id}` : "#filing", textContent: text });
    link.addEventListener("click", (event) => { event.preventDefault(); open(control); control?.focus(); control?.scrollIntoView({ block: "center" }); });
    list.append(document.createElement("li"));
    list.lastChild.append(control ? link : text);
  }
  if (!summary) return;
  const node = document.createElement("div");
  Object.assign(node, { className: "error-summary", tabIndex: -1 });
  node.setAttribute("role", "alert");
  const title = Object.assign(document.createElement("p"), { className: "strong", textContent: words.mend });
  node.append(title, list);
  $("[data-errors]").replaceChildren(node);
  node.focus();
  node.scrollIntoView({ block: "center" });
}

const open = (control) => { const fold = control?.closest("details"); if (fold) fold.open = true; };

function controlOf(name) {
  if (name === "photos") return document.getElementById("f-photos");
  const control = document.getElementById(`f-${name}`) ?? form.querySelector(`[name="${CSS.escape(name)}"]`);
  if (control && !control.id) control.id = `f-${name}`;
  return control;
}

function mark(name, control, text) {
  let node = document.getElementById(`e-${name}`);
  if (!node) {
    node = Object.assign(document.createElement("p"), { id: `e-${name}`, className: "error" });
    const label = (control.closest(".field") ?? control.parentElement).querySelector(".label, legend");
    if (label) label.after(node); else control.before(node);
  }
  node.textContent = text;
  node.hidden = false;
  node.dataset.said = "";
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", [...new Set([...(control.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean), node.id])].join(" "));
  control.closest(".field")?.classList.add("wrong");
}

function clear(...names) {
  for (const name of names) {
    const node = document.getElementById(`e-${name}`);
    if (!node) continue;
    node.hidden = true;
    node.textContent = ""; // a hidden description is read all the same
    delete node.dataset.said;
    const control = controlOf(name);
    control?.removeAttribute("aria-invalid");
    control?.closest(".field")?.classList.remove("wrong");
  }
  if (!form.querySelector(".error[data-said]")) $("[data-errors]").replaceChildren();
}
form.addEventListener("input", ({ target }) => { if (target.name) clear(target.name); });

// Beginning: a link or a QR code, a draft that was chosen, or what was left here last.

for (const button of document.querySelectorAll("[data-anew]")) button.addEventListener("click", async () => { if (draft.state === "editing" && touched) await save(); location.assign("/report?new=1"); });

async function begin() {
  const asked = new URLSearchParams(location.search);
  const given = Object.keys(JSON.parse(form.dataset.prefilled)).length ? JSON.parse(form.dataset.prefilled) : fromAddress(asked);
  let kept = null;
  try {
    if (asked.get("draft")) kept = await drafts.get(asked.get("draft"));
    else if (!asked.has("new") && !Object.keys(given).length) kept = (await drafts.list()).find(({ state, updated }) => state === "editing" && Date.now() - Date.parse(updated) < 7 * 864e5);
  } catch { storing = false; }
  if (kept) restore(kept, !asked.get("draft"));
  else prefill(given);
  if (draft.fields.category) kinds.choose(draft.fields.category, draft.fields.answers);
  document.body.dataset.filing = "ready";
  askHint();
  if (!draft.fields.place_source && navigator.permissions) {
    const permission = await navigator.permissions.query({ name: "geolocation" }).catch(() => null);
    if (permission?.state === "granted") locate();
  }
}

/** The page as a copy of the worker was not made for this address: the server checks again when the report is sent. */
function fromAddress(asked) {
  const number = (name) => (asked.get(name) ? Number(asked.get(name)) : NaN);
  const [lat, lon] = [number("lat"), number("lon")];
  const given = { category: asked.get("category"), asset: asked.get("asset")?.slice(0, 40), address: (asked.get("place") ?? asked.get("address"))?.slice(0, 200), for_other: asked.get("for") };
  if (Math.abs(lat) <= 90 && Math.abs(lon) <= 180) Object.assign(given, { lat, lon, place_source: "map" });
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value));
}

function prefill({ asset_label: label, ...given }) {
  Object.assign(draft.fields, given);
  if (given.lat !== undefined) setPlace({ lat: given.lat, lon: given.lon, address: given.address, source: given.place_source || "map" });
  else if (given.address) $("[name=address]").value = given.address;
  show(given, label);
}

function show({ asset, for_other: other }, label) {
  things.given(asset, label);
  $("[data-for-other]").hidden = !other;
}

function restore(kept, say) {
  Object.assign(draft, { id: kept.id, fields: { ...kept.fields }, media: kept.media });
  touched = true;
  const { fields } = kept;
  $("[name=body]").value = fields.body ?? "";
  $("[name=address]").value = fields.address ?? "";
  if (fields.anonymous === false) $("[name=shown_as][value=pseudonym]").checked = true;
  if (fields.lat !== undefined && fields.lat !== null) setPlace({ lat: fields.lat, lon: fields.lon, source: fields.place_source || "map" });
  const files = kept.media.filter(({ blob }) => blob).map((entry) => {
    const file = new File([entry.blob], entry.name || "photo.jpg", { type: entry.type || entry.blob.type });
    mediaIds.set(file, entry.id);
    alts.put(file, entry.alt);
    return file;
  });
  if (files.length) $("[data-photos]").dispatchEvent(new CustomEvent("hues:put-photos", { detail: files }));
  show(fields);
  $("[data-restored]").hidden = !say;
  if (kept.problem) complain(named(kept.problem));
}

begin();
