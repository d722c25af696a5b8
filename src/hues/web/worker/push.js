// Notices outside of a page (Push API): shown, one for each case; pressed, they lead to it. What comes is sealed for this browser alone.
self.addEventListener("push", (event) => event.waitUntil(showPush(event.data)));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openLink(event.notification.data?.url ?? "/me/inbox"));
});
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renewPush(event)));

async function showPush(data) {
  let notice = {};
  try {
    notice = data?.json() ?? {};
  } catch {
    // not of ours: a browser wants to see something all the same
  }
  const { title, body = "", tag, link, lang, at, icon = CONFIG.icon } = notice;
  await self.registration.showNotification(title ?? self.location.host, {
    body, tag, lang, icon, badge: CONFIG.icon, timestamp: at, renotify: Boolean(tag), data: { url: link ?? "/me/inbox" },
  });
}

/** A window that is open already comes to the front and goes there; else a new one. Never out of our own pages. */
async function openLink(url) {
  const target = new URL(url, self.location.origin);
  if (target.origin !== self.location.origin) return;
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find((client) => client.focused) ?? pages.find((client) => client.visibilityState === "visible");
  if (page?.navigate) {
    await page.focus().catch(() => {}); // without a press of a hand it stays where it is
    const shown = await page.navigate(target.href).catch(() => null); // not of a page that this worker does not care for
    if (shown) return;
  }
  await self.clients.openWindow(target.href);
}

/**
 * The push service gave this browser another address: the server learns it by the old one, which only the two know.
 * Firefox tells neither the old nor the new subscription: the page kept what it was (static/notifications/push.js).
 */
async function renewPush({ oldSubscription, newSubscription }) {
  const kept = await meta.get("push");
  const before = oldSubscription?.endpoint ?? kept?.endpoint;
  if (!before) return;
  const applicationServerKey = oldSubscription?.options?.applicationServerKey ?? kept?.key;
  const subscription = newSubscription ?? (await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }));
  const { endpoint, keys } = subscription.toJSON();
  const answer = await fetch("/api/v1/me/devices/changed", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ old_endpoint: before, endpoint, keys }),
  });
  if (answer.ok) await meta.set("push", { endpoint, key: applicationServerKey });
}
