// What an officer pressed without a network: kept on the phone with the moment at which it happened, sent later in its order, once.
// A move's bytes are frozen when it is pressed; its Idempotency-Key lets the city do it once, however often it is sent.
const NAME = "hues-tasks", STORE = "moves";
let opening;

function open() {
  opening ??= new Promise((done, failed) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  return opening;
}

async function run(mode, work) {
  const store = (await open()).transaction(STORE, mode).objectStore(STORE);
  const request = work(store);
  return new Promise((done, failed) => { request.onsuccess = () => done(request.result); request.onerror = () => failed(request.error); });
}

const person = () => document.body.dataset.person ?? "";

// `fields` are [name, value] pairs, files among them; the token for writing is fetched anew when it is sent.
export async function keep(url, fields) {
  await run("readwrite", (store) => store.add({ url, fields, person: person(), at: new Date().toISOString() }));
  await tell();
}

export const waiting = async () => (await run("readonly", (store) => store.getAll())).filter((move) => move.person === person());

export function post(url, fields, csrf) {
  const form = new FormData();
  for (const [name, value] of fields) if (name !== "csrfmiddlewaretoken") form.append(name, value);
  return fetch(url, { method: "POST", body: form, credentials: "same-origin", headers: { "X-CSRFToken": csrf, "HX-Request": "true", Accept: "application/json" } });
}

let sending;
export function flush() {
  sending ??= send().finally(() => { sending = undefined; });
  return sending;
}

async function send() {
  const moves = await waiting();
  if (!moves.length) return tell();
  let session;
  try { session = await (await fetch("/api/v1/session", { credentials: "same-origin" })).json(); } catch { return; }
  if (session.person !== person()) return;
  for (const move of moves) {
    let answer;
    try { answer = await post(move.url, move.fields, session.csrf); } catch { break; }
    if (answer.status >= 500 || answer.status === 429 || answer.status === 401) break;
    await run("readwrite", (store) => store.delete(move.id));
    const problem = answer.ok ? "" : await answer.json().then((said) => Object.values(said.errors ?? said.fields ?? {})[0] ?? said.detail, () => "");
    document.dispatchEvent(new CustomEvent("hues:move-sent", { detail: { url: move.url, ok: answer.ok, problem, html: answer.ok ? await answer.text() : "" } }));
  }
  return tell();
}

async function tell() {
  const count = (await waiting()).length;
  for (const note of document.querySelectorAll("[data-queue-note]")) {
    note.hidden = !count;
    const says = note.querySelector("[data-queue-says]");
    says.textContent = says.dataset.words.replace("{n}", count);
  }
  document.body.dataset.queued = count;
}

addEventListener("online", flush);
addEventListener("pageshow", flush);
setInterval(() => { if (Number(document.body.dataset.queued)) flush(); }, 15_000);
flush();
