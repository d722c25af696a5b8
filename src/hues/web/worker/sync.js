// Sends what waits, also when no page is open (Background Synchronization). The code is static/web/outbox.js: one source for pages and worker.
self.addEventListener("sync", (event) => {
  if (event.tag === SYNC) event.waitUntil(sendInBackground());
});
self.addEventListener("periodicsync", (event) => {
  if (event.tag === SYNC) event.waitUntil(sendInBackground());
});

async function sendInBackground() {
  const results = await flush();
  for (const result of results) await tell(result);
  // Thrown, so that the browser tries again later by itself.
  if (results.some(({ state }) => state === "waiting")) throw new Error("no network yet");
}

// With a page in sight that page says it; otherwise a notification, where they were allowed.
async function tell({ state, code, url }) {
  const words = await meta.get("words");
  const text = words?.[state];
  if (!text || Notification.permission !== "granted") return;
  const pages = await self.clients.matchAll({ type: "window" });
  if (pages.some((client) => client.visibilityState === "visible")) return;
  await self.registration.showNotification(text.replace("{code}", code ?? ""), {
    icon: CONFIG.icon, lang: words.language, tag: `outbox-${code ?? state}`, data: { url: url ?? "/me/drafts" },
  });
}
