// The shell: what every page needs is kept under the name of its content, so that an old page never mixes with a new worker.
const SHELL = `shell-${CONFIG.version}`;
const PAGES = `pages-${CONFIG.version}`; // /report, /me/drafts, /offline as a guest sees them: nothing personal

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    await (await caches.open(SHELL)).addAll(CONFIG.files);
    await keepPages();
  })());
});

// A new worker waits until no page has unsaved work (static/web/app.js asks) or until the reader presses "load again".
self.addEventListener("message", (event) => {
  const { type } = event.data ?? {};
  if (type === "update") event.waitUntil(self.skipWaiting());
  if (type === "language") event.waitUntil(keepPages());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    await dropOldShells();
    await dropStaleCopies();
    await self.clients.claim();
  })());
});

// The shell before this one stays: pages that were open during the update still ask for its files.
async function dropOldShells() {
  const names = await caches.keys();
  for (const mine of [SHELL, PAGES]) {
    const before = names.filter((name) => name !== mine && name.startsWith(mine.split("-")[0] + "-"));
    for (const name of mine === SHELL ? before.slice(0, -1) : before) await caches.delete(name);
  }
}

// Fetched without cookies: what is kept for everybody who holds this phone must not know who that is.
async function keepPages() {
  const cache = await caches.open(PAGES);
  const language = await meta.get("language");
  const headers = { ...(language ? { "Accept-Language": language } : {}), "Hues-Shell": "1" };
  await Promise.all(CONFIG.pages.map(async (path) => {
    const response = await fetch(path, { credentials: "omit", headers, cache: "no-store" });
    if (!response.ok || response.redirected) return;
    const text = (await response.text()).replace("<body ", "<body data-shell-copy ");
    await keepParts(text);
    await cache.put(path, new Response(text, { headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": response.headers.get("Content-Security-Policy") ?? "" } }));
  }));
}

/** The scripts and sheets that a page names, and the modules that those import. Maps are too big for this, and useless without a network. */
async function keepParts(text) {
  const cache = await caches.open(SHELL);
  const todo = [...text.matchAll(/(?:src|href)="(\/static\/[^"#]+\.(?:js|mjs|css|svg))[#"]/g)].map((found) => found[1]);
  const seen = new Set();
  while (todo.length) {
    const path = todo.pop();
    if (seen.has(path) || path.includes("/maplibre/")) continue;
    seen.add(path);
    let response = await cache.match(path);
    if (!response) {
      await cache.add(path).catch(() => {});
      response = await cache.match(path);
    }
    if (!response || !path.endsWith("js")) continue;
    const code = await response.text();
    for (const [, name] of code.matchAll(/(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g)) todo.push(new URL(name, new URL(path, location)).pathname);
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && request.mode === "navigate") event.respondWith(sending(event, url));
  else if (request.method !== "GET") return;
  else if (url.pathname.startsWith("/static/")) event.respondWith(fromShell(event));
  else if (url.pathname.startsWith("/files/") && request.destination === "image") event.respondWith(picture(event));
  else if (request.mode === "navigate") event.respondWith(page(event, url));
});

async function fromShell(event) {
  const { request } = event;
  const kept = await caches.match(request);
  if (kept && /\.[0-9a-f]{12}\./.test(request.url)) return kept;
  try {
    const fresh = await fetch(request);
    if (fresh.ok) {
      const copy = fresh.clone();
      event.waitUntil(caches.open(SHELL).then((cache) => cache.put(request, copy)));
    }
    return fresh;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}
