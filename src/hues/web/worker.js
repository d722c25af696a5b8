// The service worker: the shell works without a network, pages come from the network first. CONFIG is put in front by the server.
const CACHE = `shell-${hash(JSON.stringify(CONFIG))}`;

function hash(text) {
  let h = 0;
  for (const char of text) h = (h * 31 + char.codePointAt(0)) | 0;
  return (h >>> 0).toString(36);
}

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(CONFIG.files);
    await cache.add(new Request(CONFIG.offline, { credentials: "same-origin" }));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== CACHE && name.startsWith("shell-")) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(fromCache(request));
  else if (request.mode === "navigate") event.respondWith(page(request));
});

async function fromCache(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  const hashed = /\.[0-9a-f]{12}\./.test(request.url);
  if (kept && hashed) return kept;
  try {
    const fresh = await fetch(request);
    if (fresh.ok) cache.put(request, fresh.clone());
    return fresh;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

// Nothing personal is kept: only the offline page answers when the network does not.
async function page(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(CONFIG.offline)) ?? Response.error();
  }
}
