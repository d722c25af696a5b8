// Notices on this device: offered where it makes sense, turned on by a press, never asked for on load.
import { meta } from "../web/outbox.js";
import { el } from "../web/ui.js";

const NOT_NOW = "push-not-now";
const REST = 30 * 24 * 3600 * 1000; // whoever said "not now" is not asked again for a month
const can = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window && isSecureContext;

for (const node of document.querySelectorAll("[data-push]")) start(node).catch((error) => console.warn(error));

async function start(node) {
  const apple = /iPhone|iPad/.test(navigator.userAgent) && !matchMedia("(display-mode: standalone)").matches;
  if (!can) return show(node, apple ? "install" : "unsupported");
  let subscription = await current();
  if (subscription && Notification.permission === "granted") {
    subscription = await ofThisKey(node, subscription);
    const kept = await save(node, subscription, true); // after signing in again, or as another person: this browser is theirs now
    if (!kept) return show(node, "off");
    return show(node, "on", subscription);
  }
  if (Notification.permission === "denied") return show(node, "denied");
  show(node, "off");
}

async function current() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return registration?.pushManager.getSubscription();
}

/** Which of the states a node speaks of: a settings page tells each, an offer shows itself only where there is something to turn on. */
function show(node, state, subscription) {
  node.dataset.state = state;
  if (node.dataset.push === "ask") {
    const rests = Date.now() - Number(localStorage.getItem(NOT_NOW) ?? 0) < REST;
    node.hidden = state !== "off" || rests || "quiet" in node.dataset;
    showOffers(node);
  } else {
    for (const part of node.querySelectorAll("[data-push-when]")) part.hidden = !part.dataset.pushWhen.split(" ").includes(state);
    if (subscription) mark(node, subscription.endpoint);
  }
  for (const button of node.querySelectorAll("[data-push-on]")) button.onclick = () => turnOn(node, button);
  for (const button of node.querySelectorAll("[data-push-off]")) button.onclick = () => turnOff(node, button);
  for (const button of node.querySelectorAll("[data-push-not-now]")) button.onclick = () => {
    localStorage.setItem(NOT_NOW, Date.now());
    node.hidden = true;
    showOffers(node);
  };
}

/** The plain link to the choices stands where the question does not, and notices are not on already. */
function showOffers(node) {
  for (const link of document.querySelectorAll("[data-push-offer]")) link.hidden = !node.hidden || node.dataset.state === "on";
}

/** In the list of devices, which one this is. */
async function mark(node, endpoint) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  const hash = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const row = document.querySelector(`[data-device="${hash}"]`);
  if (row) {
    row.querySelector("[data-this]").hidden = false;
    row.querySelector("form").onsubmit = (event) => { // off the list, but still subscribed, it would be put back by the next page
      event.preventDefault();
      turnOff(node, row.querySelector("button"));
    };
  } else if (!sessionStorage.getItem("push-listed")) {
    sessionStorage.setItem("push-listed", hash); // known to the server a moment ago: the list was made before
    location.reload();
  }
}

async function turnOn(node, button) {
  button.disabled = true;
  try {
    const answer = await Notification.requestPermission();
    if (answer === "denied") button.parentElement.hidden = true; // pressing again would ask nothing: the browser has to be told
    if (answer !== "granted") return say(node, answer === "denied" ? "denied" : "dismissed");
    await save(node, await subscribe(node));
    if (node.dataset.push === "settings") location.reload();
    else {
      node.querySelector(".row").replaceWith(el("p", { className: "strong", textContent: words(node).on, role: "status" }));
    }
  } catch (error) {
    console.warn(error);
    say(node, "failed");
  } finally {
    button.disabled = false;
  }
}

async function subscribe(node) {
  const { pushManager } = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: bytes(node.dataset.key) };
  try {
    return await pushManager.subscribe(options);
  } catch (error) {
    if (error.name !== "InvalidStateError") throw error;
    await (await pushManager.getSubscription())?.unsubscribe(); // made with a key that we no longer have
    return pushManager.subscribe(options);
  }
}

/** After the city's key changed, its push service would take nothing from us any more: made anew, the permission stands. */
async function ofThisKey(node, subscription) {
  const made = subscription.options?.applicationServerKey;
  if (!made || String(new Uint8Array(made)) === String(bytes(node.dataset.key))) return subscription;
  await forget(node, subscription);
  return subscribe(node);
}

async function turnOff(node, button) {
  button.disabled = true;
  const subscription = await current();
  if (subscription) await forget(node, subscription);
  await meta.set("push", null);
  sessionStorage.removeItem("push-saved");
  location.reload();
}

/** The city may have forgotten it before: taken off the list on another device. */
async function forget(node, subscription) {
  await call(node, "POST", "/api/v1/me/devices/remove", { endpoint: subscription.endpoint }, [404]);
  await subscription.unsubscribe();
}

/** False: taken off the list on another device, so it ends here too. `again`: nobody pressed, the page only says that it is still so. */
async function save(node, subscription, again = false) {
  const { endpoint, keys } = subscription.toJSON();
  await meta.set("push", { endpoint, key: bytes(node.dataset.key) }); // for the worker, to which not every browser says what was before
  const known = sessionStorage.getItem("push-saved");
  const mine = `${document.body.dataset.person ?? ""} ${endpoint}`;
  if (known === mine && node.dataset.push === "ask") return true;
  const status = await call(node, "POST", "/api/v1/me/devices", { endpoint, keys, again }, again ? [404] : []);
  if (status === 404) {
    await subscription.unsubscribe();
    await meta.set("push", null);
    return false;
  }
  sessionStorage.setItem("push-saved", mine);
  return true;
}

async function call(node, method, url, body, allowed = []) {
  const token = node.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const answer = await fetch(url, {
    method, body: JSON.stringify(body), credentials: "same-origin", headers: { "Content-Type": "application/json", "X-CSRFToken": token },
  });
  if (!answer.ok && !allowed.includes(answer.status)) throw new Error(`${url}: ${answer.status}`);
  return answer.status;
}

function words(node) {
  return node.querySelector("[data-push-said]").dataset;
}

function say(node, what) {
  node.querySelector("[data-push-said]").textContent = words(node)[what] ?? "";
}

function bytes(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
