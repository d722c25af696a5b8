// The installed app's manners: who uses this phone, what waits to be sent, updates without loss, the hint to install.
import { el } from "./ui.js";
import { drafts, flush, meta, waiting } from "./outbox.js";

const body = document.body;
const strip = document.querySelector("[data-app]"); // only the citizen's shell has one
const part = (name) => strip?.querySelector(`[data-${name}]`);
const isCopy = "shellCopy" in body.dataset || "copy" in body.dataset; // served by the worker: it knows nothing new
const words = strip?.dataset ?? {};
const RETRY = 60_000;

start().catch((error) => console.warn(error)); // without storage: a plain web page
if ("serviceWorker" in navigator && isSecureContext) navigator.serviceWorker.addEventListener("controllerchange", () => { if (pressed) location.reload(); });

async function start() {
  if (!isCopy) await settle();
  afterLoading().then(register).catch((error) => console.warn(error));
  if (!strip) return;
  await showWaiting();
  await retry();
  addEventListener("online", retry);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) retry(); });
  setInterval(retry, RETRY);
}

/** Another person than before: the copies of the one before go. An erasure takes the drafts too. */
async function settle() {
  const person = body.dataset.person ?? "";
  const before = (await meta.get("person")) ?? "";
  for (const name of await (globalThis.caches?.keys() ?? [])) if (name.startsWith("me-") && name !== `me-${person}`) await caches.delete(name);
  // The receipt of an erasure is where its owner lands, signed out by it.
  if (before && !person && location.pathname.startsWith("/erasures/")) await drafts.forget(before);
  await meta.set("person", person);
  const { lang } = document.documentElement;
  if (strip) await meta.set("words", { language: lang, sent: words.wordSent, needs_sign_in: words.wordNeedsSignIn, refused: words.wordRefused });
  if ((await meta.get("language")) !== lang) {
    await meta.set("language", lang);
    navigator.serviceWorker?.controller?.postMessage({ type: "language" });
  }
}

// What waits.

async function retry() {
  if (navigator.onLine === false || !(await waiting()).length) return;
  for (const result of await flush()) if (result.state === "refused") say("refused", "/me/drafts");
  await showWaiting();
}

async function showWaiting() {
  const node = part("waiting");
  const count = (await waiting()).length;
  node.hidden = count === 0 || location.pathname === "/me/drafts";
  node.querySelector("span").textContent = words.wordWaiting.replace("{n}", count);
  for (const tab of document.querySelectorAll('.tab[href="/me"] .tab-sign')) {
    tab.querySelector(".badge")?.remove();
    if (count) tab.append(el("span", { className: "badge", textContent: count, ariaHidden: "true" }));
  }
}

function say(state, url, code = "") {
  const text = { sent: words.wordSent, refused: words.wordRefused, needs_sign_in: words.wordNeedsSignIn }[state];
  const node = el("div", { className: `toast ${state === "sent" ? "success" : "warning"}` }, el("p", {}, el("a", { href: url }, text.replace("{code}", code))));
  document.querySelector(".toasts")?.append(node);
  setTimeout(() => node.remove(), 12_000);
}

function hear({ state, code, url }) {
  if (!strip) return;
  showWaiting();
  if (state === "sent" && location.pathname !== "/report") say("sent", url, code);
}
document.addEventListener("hues:outbox", ({ detail }) => hear(detail));

// Updates: at once where nobody is in the middle of something, else when the reader says so.

let pressed = false;
const others = new BroadcastChannel("hues-update");
others.addEventListener("message", ({ data }) => { if (data === "may-i" && unsaved()) others.postMessage("not-now"); });

/** The worker fetches a whole shell: on a slow network not before this page has all of its own. */
function afterLoading() {
  return document.readyState === "complete" ? Promise.resolve() : new Promise((done) => addEventListener("load", done, { once: true }));
}

async function register() {
  if (!("serviceWorker" in navigator) || !isSecureContext) return;
  const registration = await navigator.serviceWorker.register("/sw.js");
  const found = () => { if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting); };
  found();
  registration.addEventListener("updatefound", () => {
    const fresh = registration.installing;
    fresh?.addEventListener("statechange", () => { if (fresh.state === "installed") found(); });
  });
  setInterval(() => registration.update().catch(() => {}), 36e5);
}

async function offer(worker) {
  if (!unsaved() && (await nobodyBusy())) { worker.postMessage({ type: "update" }); return; }
  const node = part("update");
  if (!node) return;
  node.hidden = false;
  node.querySelector("button").addEventListener("click", () => { pressed = true; worker.postMessage({ type: "update" }); }, { once: true });
}

function nobodyBusy() {
  return new Promise((done) => {
    const busy = ({ data }) => { if (data === "not-now") done(false); };
    others.addEventListener("message", busy);
    others.postMessage("may-i");
    setTimeout(() => { others.removeEventListener("message", busy); done(true); }, 400);
  });
}

/** Something typed or chosen that only this page knows. */
function unsaved() {
  return [...document.querySelectorAll('form[method="post" i] :is(input, textarea, select)')].some((field) => {
    if (field.type === "file") return field.files.length > 0;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected) && field.selectedIndex > 0;
    return field.type !== "hidden" && field.value !== field.defaultValue;
  });
}

// Installing: offered where it helps, after something was sent or where drafts lie; never twice in three months.

const HINT = "install-hint";
const installed = matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
const dismissed = () => { try { return Date.now() - Number(localStorage.getItem(HINT) ?? 0) < 90 * 864e5; } catch { return true; } };
const fits = location.search.includes("sent=") || ["/me", "/me/drafts"].includes(location.pathname);
let prompt;

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  prompt = event;
  hint("install-button");
});
if (/iPhone|iPad/.test(navigator.userAgent)) hint("install-ios");

function hint(name) {
  const node = part("install");
  if (!node || installed || !fits || dismissed()) return;
  node.hidden = false;
  part(name).hidden = false;
}
const later = () => { try { localStorage.setItem(HINT, Date.now()); } catch { /* then it comes again */ } part("install").hidden = true; };
part("install-later")?.addEventListener("click", later);
part("install-button")?.addEventListener("click", async () => { prompt?.prompt(); await prompt?.userChoice; later(); });
