// Drafts on this device, and the way from here to the city: each report exactly once, however often network, page or phone die in between.
// One source for pages and the service worker (web/pwa.py puts it in without `export`): no imports, no DOM.
//
// A draft: {id, created, updated, queued, owner, language, state, fields, media: [{id, name, type, blob, alt, uploaded}], posted, code, url, problem}
//   state: editing · waiting (for a network) · needs_sign_in · refused (problem: {detail, fields}) · sent (code, url)
//   id is the Idempotency-Key of the report, media[].id that of its photo: the server gives the first answer again.
//   posted: the bytes of the request, as whom. Frozen before the first try; while its outcome is unknown nobody edits the draft.
//   owner: the mark of who wrote it ("" a guest); nobody else on this phone sees or sends it.

const DATABASE = "hues";
const SYNC = "hues-outbox";
const UPLOAD_LIFE = 20 * 36e5; // the server forgets unused photos after a day
const SENT_LIFE = 7 * 864e5;
const LATE = 5 * 6e4; // from here on a report tells when it was written

// One step for each version of the database, from the one before. Steps are never changed, only added: drafts survive every update.
const UPGRADES = [
  (database) => {
    database.createObjectStore("drafts", { keyPath: "id" });
    database.createObjectStore("meta");
  },
];

let opened;
function open() {
  opened ??= new Promise((done, fail) => {
    const request = indexedDB.open(DATABASE, UPGRADES.length);
    request.onupgradeneeded = (event) => UPGRADES.slice(event.oldVersion).forEach((step) => step(request.result, request.transaction));
    request.onerror = () => { opened = undefined; fail(request.error); };
    request.onsuccess = () => {
      request.result.onversionchange = () => { request.result.close(); opened = undefined; };
      request.result.onclose = () => { opened = undefined; };
      done(request.result);
    };
  });
  return opened;
}

const asked = (request) => new Promise((done, fail) => { request.onsuccess = () => done(request.result); request.onerror = () => fail(request.error); });

/** Work on a store in one transaction; done when it is on the disk. */
async function within(name, mode, work) {
  const transaction = (await open()).transaction(name, mode, mode === "readwrite" ? { durability: "strict" } : {});
  const finished = new Promise((done, fail) => { transaction.oncomplete = done; transaction.onabort = transaction.onerror = () => fail(transaction.error); });
  finished.catch(() => {});
  const result = await work(transaction.objectStore(name));
  await finished;
  return result;
}

/** Small facts: person (mark of who uses this browser), language, words. */
export const meta = {
  get: (key) => within("meta", "readonly", (store) => asked(store.get(key))),
  set: (key, value) => within("meta", "readwrite", (store) => asked(store.put(value, key))),
};

/** A random UUID, also where the page is not a secure context. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map((byte, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + byte.toString(16).padStart(2, "0")).join("");
}

const settled = (draft) => draft.state === "sent" || Boolean(draft.posted);
const all = () => within("drafts", "readonly", (store) => asked(store.getAll()));

export const drafts = {
  /** Those of whoever uses this browser, the newest first. */
  async list() {
    const person = (await meta.get("person")) ?? "";
    return (await all()).filter(({ owner }) => !owner || owner === person).sort((a, b) => b.updated.localeCompare(a.updated));
  },

  /** How many lie here of people who are not signed in now. */
  async others() {
    const person = (await meta.get("person")) ?? "";
    return (await all()).filter(({ owner, state }) => owner && owner !== person && state !== "sent").length;
  },

  async get(id) {
    const person = (await meta.get("person")) ?? "";
    const draft = await within("drafts", "readonly", (store) => asked(store.get(id)));
    return draft && (!draft.owner || draft.owner === person) ? draft : null;
  },

  /** Keep what was typed: id, fields, media, language, state. Returns the draft as it is kept; one whose sending has begun stays as it was. */
  async put(given) {
    const person = (await meta.get("person")) ?? "";
    const now = new Date().toISOString();
    const draft = await within("drafts", "readwrite", async (store) => {
      const before = given.id ? await asked(store.get(given.id)) : undefined;
      if (before && settled(before)) return before;
      const uploads = new Map((before?.media ?? []).map((entry) => [entry.id, entry]));
      const kept = {
        id: newId(), created: now, owner: person, state: "editing", posted: null, code: null, url: null, problem: null, ...before,
        ...pick(given, ["id", "language", "state", "fields"]), updated: now,
        media: (given.media ?? before?.media ?? []).map((entry) => ({ ...entry, ...pick(uploads.get(entry.id) ?? {}, ["uploaded", "uploaded_at", "tries"]) })),
      };
      kept.fields ??= {};
      if (kept.state === "waiting" && before?.state !== "waiting") Object.assign(kept, { queued: now, problem: null, not_before: 0 });
      await asked(store.put(kept));
      return kept;
    });
    changed(draft);
    return draft;
  },

  async remove(id) {
    await within("drafts", "readwrite", (store) => asked(store.delete(id)));
    changed({ id, state: "removed" });
  },

  /** Everything of one person on this device: after an erasure. */
  async forget(person) {
    for (const draft of await all()) if (draft.owner === person) await drafts.remove(draft.id);
  },
};

/** Drafts on their way: written, not yet with the city. */
export async function waiting() {
  return (await drafts.list()).filter(({ state }) => state === "waiting" || state === "needs_sign_in");
}

/** Send a draft, now or as soon as it can be. Returns {id, state, code?, url?, problem?}; nothing is lost whatever comes back. */
export async function send(draft) {
  const kept = await drafts.put({ ...draft, state: "waiting" });
  if (kept.state === "sent") return result(kept);
  if (globalThis.navigator?.storage?.persist && globalThis.document) navigator.storage.persist().catch(() => {});
  await wakeLater();
  return navigator.onLine === false ? result(kept) : ((await flush(kept.id))[0] ?? result(await drafts.get(kept.id)));
}

/** Try everything that waits (or one of it), one after the other, in one place at a time. */
export function flush(only) {
  const work = async () => {
    const results = [];
    const person = (await meta.get("person")) ?? "";
    for (const draft of await all()) {
      if (draft.owner && draft.owner !== person) continue;
      if (draft.state === "sent" && Date.now() - Date.parse(draft.updated) > SENT_LIFE) await drafts.remove(draft.id);
      if (only ? draft.id === only : ["waiting", "needs_sign_in"].includes(draft.state)) results.push(await attempt(draft.id));
    }
    return results.filter(Boolean);
  };
  return navigator.locks ? navigator.locks.request(SYNC, work) : work();
}

/** The browser wakes the worker when there is a network, where it can. */
async function wakeLater() {
  try {
    const registration = globalThis.registration ?? (await navigator.serviceWorker?.getRegistration());
    await registration?.sync?.register(SYNC);
  } catch { /* not allowed: the next page that opens sends */ }
}

const pick = (from, names) => Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]));
const result = (draft) => ({ ...pick(draft, ["id", "state"]), ...(draft.code ? { code: draft.code, url: draft.url } : {}), ...(draft.problem ? { problem: draft.problem } : {}) });

// Whatever changes a draft, here, in another page or in the worker, is heard on the document: hues:outbox {id, state, code?, url?, photo?, photos?}.
const channel = globalThis.BroadcastChannel ? new BroadcastChannel(SYNC) : null;
const heard = (detail) => globalThis.document?.dispatchEvent(new CustomEvent("hues:outbox", { detail }));
channel?.addEventListener("message", ({ data }) => heard(data));
function changed(draft, progress) {
  const detail = { ...pick(draft, ["id", "state", "code", "url"]), ...progress };
  channel?.postMessage(detail);
  heard(detail);
}

async function update(id, values) {
  const draft = await within("drafts", "readwrite", async (store) => {
    const before = await asked(store.get(id));
    if (!before) return null;
    const after = { ...before, ...(typeof values === "function" ? values(before) : values), updated: new Date().toISOString() };
    await asked(store.put(after));
    return after;
  });
  if (draft) changed(draft);
  return draft;
}

class Refused extends Error { constructor(problem) { super(problem.detail); this.problem = problem; } }
class NeedsSignIn extends Error {}
class Later extends Error { constructor(seconds = 0) { super("later"); this.seconds = seconds; } }

async function attempt(id) {
  let draft = await within("drafts", "readonly", (store) => asked(store.get(id)));
  if (!draft || !["waiting", "needs_sign_in"].includes(draft.state)) return draft ? result(draft) : null;
  if (draft.not_before > Date.now()) return result(draft);
  try {
    const session = await whoAmI(draft);
    for (let round = 0; ; round += 1) {
      try {
        draft = await sendPhotos(draft, session);
        draft = await sendReport(draft, session);
        break;
      } catch (error) {
        const photosGone = error instanceof Refused && error.problem.fields?.file_ids && draft.media.some(({ uploaded }) => uploaded);
        if (!photosGone || round) throw error;
        draft = await update(id, (before) => ({ posted: null, media: before.media.map((entry) => ({ ...entry, uploaded: null, tries: (entry.tries ?? 0) + 1 })) }));
      }
    }
  } catch (error) {
    if (error instanceof Refused) draft = await update(id, { state: "refused", posted: null, problem: error.problem });
    else if (error instanceof NeedsSignIn) draft = await update(id, { state: "needs_sign_in" });
    else draft = await update(id, (before) => before.state === "editing" ? {} : { state: "waiting", not_before: error.seconds ? Date.now() + error.seconds * 1000 : 0 });
    if (!(error instanceof Refused || error instanceof NeedsSignIn || error instanceof Later || error instanceof TypeError || error?.name === "TimeoutError")) console.error(error);
  }
  return draft ? result(draft) : null;
}

/** Who the browser's cookie says we are, with a token for writing and the server's clock. */
async function whoAmI(draft) {
  const response = await fetch("/api/v1/session", { cache: "no-store", signal: AbortSignal.timeout(20_000) });
  if (!response.ok) throw new Later();
  const session = await response.json();
  const owner = draft.posted?.person ?? draft.owner;
  if (!session.signed_in || (owner && owner !== session.person)) throw new NeedsSignIn();
  const clock = Date.parse(response.headers.get("Date") ?? "");
  return { ...session, skew: Number.isNaN(clock) ? 0 : clock - Date.now() };
}

async function sendPhotos(draft, session) {
  for (const [i, entry] of draft.media.entries()) {
    const fresh = entry.uploaded && Date.now() - Date.parse(entry.uploaded_at) < UPLOAD_LIFE;
    if (fresh || draft.posted) continue;
    changed(draft, { photo: i + 1, photos: draft.media.length });
    const tries = (entry.tries ?? 0) + (entry.uploaded ? 1 : 0);
    const form = new FormData();
    form.append("file", entry.blob, entry.name || "photo.jpg");
    if (entry.alt) form.append("alt", entry.alt);
    const file = await post("/api/v1/files", form, `${entry.id}.${tries}`, session, entry);
    draft = await update(draft.id, (before) => ({
      media: before.media.map((other) => (other.id === entry.id ? { ...other, tries, uploaded: file.id, uploaded_at: new Date().toISOString() } : other)),
    }));
    if (!draft) throw new Later();
  }
  return draft;
}

async function sendReport(draft, session) {
  const frozen = await update(draft.id, (before) => {
    if (before.posted) return {};
    if (before.state === "editing" || before.media.some(({ uploaded }) => !uploaded)) throw new Later(); // changed meanwhile
    return { posted: { body: bodyOf(before, session), person: session.person, at: new Date().toISOString() } };
  });
  if (!frozen) throw new Later();
  const told = await post("/api/v1/reports", frozen.posted.body, draft.id, session);
  return update(draft.id, { state: "sent", code: told.code, url: `/me/cases/${told.code}`, problem: null, posted: null, media: [] });
}

function bodyOf(draft, { skew }) {
  const filled = Object.entries(draft.fields).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const body = { ...Object.fromEntries(filled), file_ids: draft.media.map(({ uploaded }) => uploaded) };
  if (draft.language && !body.language) body.language = draft.language;
  // The phone's clock may be wrong, but it runs: what it said then is corrected by what it is off by now.
  if (Date.now() - Date.parse(draft.queued) > LATE) body.written_at = new Date(Date.parse(draft.queued) + skew).toISOString();
  return JSON.stringify(body);
}

async function post(url, body, key, session, photo) {
  const headers = { "X-CSRFToken": session.csrf, "Idempotency-Key": key, Accept: "application/json" };
  if (typeof body === "string") headers["Content-Type"] = "application/json";
  const response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(photo ? 180_000 : 45_000) });
  if (response.ok) return response.json();
  const problem = await response.json().catch(() => ({}));
  if (response.status === 401) throw new NeedsSignIn();
  if (response.status >= 500 || [408, 425, 429].includes(response.status) || problem.code === "csrf") throw new Later(Number(response.headers.get("Retry-After")) || 0);
  const detail = problem.detail || problem.title || String(response.status);
  throw new Refused(photo ? { detail, fields: { photos: `${photo.name || ""}: ${problem.fields?.file ?? detail}` } } : { detail, fields: problem.fields ?? {} });
}
