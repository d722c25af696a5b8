// Live pages: hears that something changed, fetches the fragment again. Events carry no content; the fragment's own door checks who may see it.
import { el } from "./ui.js";

const body = document.body;
let source;
let failures = 0;
let last = "";

function open() {
  const url = new URL(body.dataset.liveUrl);
  url.searchParams.set("ticket", body.dataset.liveTicket);
  if (last) url.searchParams.set("last_event_id", last);
  source = new EventSource(url);
  source.onopen = () => { failures = 0; body.dataset.live = "open"; missed(); };
  source.onmessage = (event) => {
    last = event.lastEventId || last;
    let detail;
    try { detail = JSON.parse(event.data); } catch { return; }
    document.dispatchEvent(new CustomEvent("hues:change", { detail }));
  };
  source.addEventListener("renew", () => { source.close(); renew(); }); // the ticket is over
  source.addEventListener("reload", refreshAll); // missed too much: everything may have changed
  source.onerror = () => {
    delete body.dataset.live;
    if (source.readyState === EventSource.CONNECTING && failures++ < 2) return; // the browser tries by itself
    source.close();
    const wait = Math.min(60, 2 ** Math.min(failures, 6)) * (0.5 + Math.random());
    setTimeout(renew, wait * 1000);
    failures += 1;
  };
}

// A ticket lasts half an hour: the page itself gives a new one, if the viewer still may see it.
async function renew() {
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (response.status === 401 || response.status === 404) return void document.dispatchEvent(new CustomEvent("hues:gone"));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!page.body.dataset.liveTicket) return;
    body.dataset.liveTicket = page.body.dataset.liveTicket;
  } catch { /* no network yet */ }
  open();
}

const wants = (node, topics) => {
  const own = (node.dataset.liveTopics ?? "").split(/\s+/).filter(Boolean);
  return own.length === 0 || own.some((topic) => topics.includes(topic));
};

document.addEventListener("hues:change", ({ detail }) => {
  for (const node of document.querySelectorAll("[data-live-fragment]")) {
    if (!wants(node, detail.topics ?? [])) continue;
    if ("livePill" in node.dataset) pill(node, detail.subject);
    else later(node);
  }
  // That somebody has read it changes nothing for whoever has it open.
  for (const node of document.querySelectorAll("[data-live-notice]")) if (detail.action !== "case.read" && wants(node, detail.topics ?? [])) changed(node);
});

// Several changes within a moment are one fetch.
const waiting = new WeakMap();
function later(node) {
  clearTimeout(waiting.get(node));
  waiting.set(node, setTimeout(() => refresh(node), 120));
}

// Somebody is writing here, or has written or chosen something that was not sent yet.
const inUse = (node) => [...node.querySelectorAll("input:not([type=hidden]), textarea, select")].some((field) => {
  if (field === document.activeElement) return true;
  if (field.matches("[type=radio], [type=checkbox]")) return field.checked !== field.defaultChecked;
  if (field.matches("[type=file]")) return field.files.length > 0;
  if (field.matches("select")) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
  return field.value !== field.defaultValue;
});

// What could not be fetched is fetched as soon as there is a network again: the event that told of it does not come twice.
const stale = new Set();
function missed() {
  for (const node of stale) later(node);
  stale.clear();
}
addEventListener("online", missed);

// A fragment's door may answer with the whole page that the fragment is part of. Null: it is not on it (any more), as on a page to sign in.
function partOf(text, node) {
  if (!/^\s*<!doctype/i.test(text)) return text;
  const parts = new DOMParser().parseFromString(text, "text/html").querySelectorAll("[data-live-fragment]");
  return [...parts].find((one) => one.dataset.liveFragment === node.dataset.liveFragment)?.innerHTML ?? null;
}

const newest = new WeakMap(); // of each part: the number of the fetch it shows
let fetches = 0;

async function refresh(node, asked = false) {
  const number = ++fetches;
  let response, fresh;
  try {
    response = await fetch(node.dataset.liveFragment, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    fresh = await response.text();
  } catch { stale.add(node); return; }
  if (!response.ok) return;
  fresh = partOf(fresh, node);
  if (fresh === null || number < newest.get(node)) return; // a later one was faster: this one is old
  if (!asked && inUse(node)) { pill(node, ""); return; } // never under a typing hand
  newest.set(node, number);
  node.innerHTML = fresh;
  globalThis.htmx?.process(node);
  node.dispatchEvent(new CustomEvent("hues:refreshed", { bubbles: true }));
}

function refreshAll() {
  document.dispatchEvent(new CustomEvent("hues:map-refresh"));
  for (const node of document.querySelectorAll("[data-live-fragment]:not([data-live-pill])")) later(node);
  for (const node of document.querySelectorAll("[data-live-pill]")) pill(node, "");
}

// New rows wait behind a button: nothing moves under the cursor.
function pill(node, subject) {
  node.liveSubjects ??= new Set();
  node.liveSubjects.add(subject);
  let button = node.previousElementSibling?.matches(".new-pill") ? node.previousElementSibling : null;
  if (!button) {
    button = el("button", { type: "button", className: "button small new-pill" });
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => { node.liveSubjects.clear(); await refresh(node, true); button.remove(); });
    node.before(button);
  }
  button.textContent = (node.dataset.livePill || body.dataset.wordNew).replace("{n}", node.liveSubjects.size);
}

function changed(node) {
  if (node.querySelector(":scope > .new-pill")) return;
  const button = el("button", { type: "button", className: "button small new-pill" }, body.dataset.wordChanged);
  button.addEventListener("click", () => location.reload());
  node.prepend(button);
}

if (body.dataset.liveUrl) {
  open();
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) renew(); });
}
