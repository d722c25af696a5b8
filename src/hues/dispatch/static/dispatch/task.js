// One task on a phone: one press, one move. Knows where the phone is, shows what the city answers, keeps what it could not send.
import { flush, keep, post, waiting } from "./queue.js";

const words = document.querySelector("template[data-words]").dataset;
const says = document.querySelector("[data-says]");
const now = document.querySelector("[data-task-now]");
const log = document.querySelector("[data-task-log]");

function say(text, tone = "bad") {
  says.hidden = !text;
  says.className = `note ${tone}`;
  says.querySelector("span").textContent = text;
  if (text && tone === "bad") says.scrollIntoView({ block: "center" });
}

const place = () => new Promise((done, failed) => {
  if (!navigator.geolocation) { failed(new Error("none")); return; }
  navigator.geolocation.getCurrentPosition(({ coords }) => done(coords), failed, { enableHighAccuracy: true, timeout: 12_000, maximumAge: 0 });
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-task-form] input[type=file]")) return;
  const count = target.form.querySelector("[data-photo-count]");
  if (count) count.textContent = count.dataset.words.replace("{n}", target.files.length);
  if ("sends" in target.dataset && target.files.length) target.form.requestSubmit();
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-task-form]");
  if (!form) return;
  event.preventDefault();
  if (form.dataset.busy) return; // pressed twice
  form.dataset.busy = "1";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-busy", "true");
  try { await move(form); } finally {
    delete form.dataset.busy;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-busy");
  }
});

async function move(form) {
  const at = new Date().toISOString();
  const photo = [...form.querySelectorAll("input[type=file]")].some((field) => field.files.length);
  say(words.sending, "info");
  if ("locate" in form.dataset) {
    say(words.locating, "info");
    try {
      const { latitude, longitude, accuracy } = await place();
      form.elements.lat.value = latitude; form.elements.lon.value = longitude; form.elements.accuracy.value = Math.round(accuracy);
    } catch { if (!photo) { say(words.noPlace); return; } }
  }
  const fields = [...new FormData(form)].filter(([, value]) => !(value instanceof File) || value.size);
  fields.push(["happened_at", at]);
  const queued = (await waiting().catch(() => [])).length;
  let answer;
  if (!queued) try { answer = await post(form.action, fields, form.elements.csrfmiddlewaretoken.value); } catch { /* no network */ }
  if (!answer) {
    await keep(form.action, fields);
    say(words.kept, "warn");
    const shown = form.isConnected ? form : standing(form.action); // the task may have come anew since it was pressed
    if (shown) ahead(shown);
    if (queued) flush();
    return;
  }
  await answered(form.dataset.taskForm, answer, form);
}

async function answered(kind, answer, form) {
  if (answer.ok) {
    say("");
    show(kind, await answer.text());
    if (kind === "log") form?.reset();
    return;
  }
  let said = {};
  try { said = await answer.json(); } catch { /* not ours */ }
  say(Object.values(said.errors ?? said.fields ?? {})[0] ?? said.detail ?? words.failed);
  // A new try is a new request: another position, another photo.
  const key = form?.elements.idempotency_key;
  if (key) key.value = crypto.randomUUID?.() ?? String(Math.random()).slice(2) + Date.now();
}

function show(kind, html) {
  const place = kind === "log" ? log : now;
  place.innerHTML = html;
  place.dispatchEvent(new CustomEvent("hues:refreshed", { bubbles: true }));
}

// Without a network the way goes on: the form of the next move waits in the page.
function ahead(form) {
  const kind = form.dataset.taskForm, next = now.querySelector(`template[data-after="${kind}"]`);
  if (kind === "log") form.reset();
  else if (next) form.replaceWith(next.content.cloneNode(true));
  else for (const button of form.querySelectorAll("button")) button.disabled = true;
}

const path = (url) => new URL(url, location.href).pathname;
const standing = (url) => [...now.querySelectorAll("form[data-task-form]")].find((one) => path(one.action) === path(url));

// What the page fetched meanwhile does not know of moves that still wait here.
document.addEventListener("hues:refreshed", async () => {
  for (const { url } of await waiting().catch(() => [])) {
    const form = standing(url);
    if (form && form.dataset.taskForm !== "log") ahead(form);
  }
});

document.addEventListener("hues:move-sent", ({ detail }) => {
  if (!path(detail.url).startsWith(`/desk/tasks/${document.querySelector("[data-task]").dataset.task}/`)) return;
  if (detail.ok) { say(""); show(detail.url.endsWith("/write") ? "log" : "move", detail.html); } else say(detail.problem || words.failed);
});

// Apple's phones know no geo: addresses.
if (/iPhone|iPad/.test(navigator.userAgent)) for (const link of document.querySelectorAll("[data-iphone]")) link.href = link.dataset.iphone;
