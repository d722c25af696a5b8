// Pages: from the network first. Without one: a saved copy of one's own page, or the shell's, or the page of emergencies.
const PATIENCE = 6000; // milliseconds that a network may stay silent where there is a copy to show
const COPIES = 20; // of one's own cases
const COPY_LIFE = 30 * 864e5;
const COPIED = /^\/me(\/cases\/[\w-]+)?$/;

async function page(event, url) {
  const { request } = event;
  const asked = fetch(request);
  asked.catch(() => {});
  const fallback = await copyOf(url).catch(() => null); // no storage: a plain web page
  try {
    const response = await (fallback ? Promise.race([asked, silence(PATIENCE)]) : asked);
    if (COPIED.test(url.pathname) && response.ok && !response.redirected) event.waitUntil(saveCopy(url.pathname, response.clone()));
    return response;
  } catch {
    return fallback ?? withoutNetwork();
  }
}

async function copyOf(url) {
  if (url.pathname === "/offline") return withoutNetwork();
  return (await savedCopy(url)) ?? (await caches.match(url.pathname, { cacheName: PAGES }));
}

function silence(milliseconds) {
  return new Promise((_done, fail) => setTimeout(() => fail(new Error("silence")), milliseconds));
}

// A form that could not be sent: say so, instead of the browser's own page. Signing out forgets the copies whatever the network says.
async function sending(event, url) {
  if (url.pathname === "/report/shared") return shared(event.request);
  if (url.pathname.startsWith("/logout")) await forgetCopies().catch(() => {});
  try {
    return await fetch(event.request);
  } catch {
    return withoutNetwork((text) => text.replace("data-unsent hidden", "data-unsent"));
  }
}

/** The page of emergencies, which says that there is no network. */
async function withoutNetwork(change = (text) => text) {
  const kept = await caches.match("/offline", { cacheName: PAGES });
  if (!kept) return Response.error();
  return again(kept, (text) => change(text.replaceAll("data-no-network hidden", "data-no-network").replace("data-network>", "data-network hidden>")));
}

/** The same page with its text changed. */
async function again(response, change) {
  return new Response(change(await response.text()), { status: response.status, headers: response.headers });
}

// Copies of one's own pages lie in a cache of the person's own, `me-<mark>`; the mark is a keyed hash that the page carries.
async function saveCopy(path, response) {
  const text = await response.text();
  const mark = /<body [^>]*data-person="(c[0-9a-f]+)"/.exec(text)?.[1];
  if (!mark) return;
  for (const name of await caches.keys()) if (name.startsWith("me-") && name !== `me-${mark}`) await caches.delete(name);
  const cache = await caches.open(`me-${mark}`);
  await keepCopy(cache, path, text, response.headers.get("Content-Security-Policy"));
  await savePictures(cache, text);
  const wanted = path === "/me" ? [...text.matchAll(/href="(\/me\/cases\/[\w-]+)"/g)].map((found) => found[1]) : [];
  if (!navigator.connection?.saveData) for (const other of [...new Set(wanted)].slice(0, COPIES)) await saveMissing(cache, other, mark);
  await dropOldest(cache);
}

async function keepCopy(cache, path, text, policy) {
  const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy ?? "", "Hues-Saved": new Date().toISOString() };
  await cache.put(path, new Response(text, { headers }));
}

async function saveMissing(cache, path, mark) {
  if (await cache.match(path)) return;
  const response = await fetch(path, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!response?.ok || response.redirected) return;
  const text = await response.text();
  if (!text.includes(`data-person="${mark}"`)) return;
  await keepCopy(cache, path, text, response.headers.get("Content-Security-Policy"));
  await savePictures(cache, text);
}

async function savePictures(cache, text) {
  const found = [...text.matchAll(/src="(\/files\/[\w-]+\/(?:masked-)?thumb)"/g)].map((match) => match[1]);
  for (const path of [...new Set(found)].slice(0, 40)) {
    if (await cache.match(path)) continue;
    const response = await fetch(path).catch(() => null);
    if (response?.ok) await cache.put(path, response);
  }
}

async function dropOldest(cache) {
  const kept = [];
  for (const request of await cache.keys()) {
    if (!new URL(request.url).pathname.startsWith("/me/cases/")) continue;
    kept.push([(await cache.match(request))?.headers.get("Hues-Saved") ?? "", request]);
  }
  kept.sort((a, b) => b[0].localeCompare(a[0]));
  for (const [, request] of kept.slice(COPIES)) await cache.delete(request);
}

/** The copy of one's own page, saying from when it is; null if there is none or it is too old. */
async function savedCopy(url) {
  if (!COPIED.test(url.pathname)) return null;
  const found = await ofMine(url.pathname);
  const at = found?.headers.get("Hues-Saved");
  if (!at || Date.now() - Date.parse(at) > COPY_LIFE) return null;
  return again(found, (text) => {
    const language = /<html lang="([\w-]+)"/.exec(text)?.[1] ?? "vi";
    const today = new Date(at).toDateString() === new Date().toDateString();
    const when = new Intl.DateTimeFormat(language, { timeStyle: "short", ...(today ? {} : { dateStyle: "short" }) }).format(new Date(at));
    return text.replace("data-saved-copy hidden", "data-saved-copy").replace("<time data-saved-at></time>", `<time data-saved-at datetime="${at}">${when}</time>`).replace("<body ", "<body data-copy ");
  });
}

/** From the copies of whoever uses this browser: there are never those of two people, see saveCopy, forgetCopies and static/web/app.js. */
async function ofMine(path) {
  const name = (await caches.keys()).find((other) => other.startsWith("me-"));
  return name ? caches.match(path, { cacheName: name }) : null;
}

async function forgetCopies() {
  for (const name of await caches.keys()) if (name.startsWith("me-")) await caches.delete(name);
  await meta.set("person", "");
}

async function dropStaleCopies() {
  for (const name of await caches.keys()) {
    if (!name.startsWith("me-")) continue;
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const at = (await cache.match(request))?.headers.get("Hues-Saved");
      if (at && Date.now() - Date.parse(at) > COPY_LIFE) { await caches.delete(name); break; }
    }
  }
}

/** A small picture of one's own cases, from the copies where the network does not answer. */
async function picture(event) {
  try {
    return await fetch(event.request);
  } catch (error) {
    const kept = await ofMine(new URL(event.request.url).pathname);
    if (kept) return kept;
    throw error;
  }
}
