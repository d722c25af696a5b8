// Passkeys: asks our server for a challenge, the browser for the answer, and follows where the server sends us.
// A button says what for: <button data-passkey="sign-in" data-next="/me">; texts and addresses come from its container.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const withBytes = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

function options(sent) {
  const read = { ...sent, challenge: bytes(sent.challenge) };
  if (sent.user) read.user = { ...sent.user, id: bytes(sent.user.id) };
  read.excludeCredentials = withBytes(sent.excludeCredentials);
  read.allowCredentials = withBytes(sent.allowCredentials);
  for (const name of Object.keys(read)) if (read[name] === null || read[name] === undefined) delete read[name];
  return read;
}

function answer(made) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (made.response[name]) response[name] = text(made.response[name]);
  return { id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} };
}

async function post(path, body) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token };
  const reply = await fetch(path, { method: "POST", credentials: "same-origin", headers, body: JSON.stringify(body) });
  const said = await reply.json();
  if (!reply.ok) throw new Error(said.detail || "");
  return said;
}

async function use(button) {
  const box = button.closest("[data-passkeys]");
  const problem = box.querySelector("[data-passkey-problem]");
  const purpose = button.dataset.passkey;
  problem.hidden = true;
  button.disabled = true;
  try {
    const publicKey = options(await post("/passkeys/begin", { purpose }));
    const made = await navigator.credentials[purpose === "add" ? "create" : "get"]({ publicKey });
    const name = box.querySelector("[data-passkey-name]")?.value ?? "";
    const said = await post("/passkeys/finish", { purpose, answer: answer(made), name, next: button.dataset.next ?? "" });
    const there = new URL(said.location, location.href);
    location.assign(there);
    if (there.pathname === location.pathname && there.search === location.search) location.reload(); // only # differs
  } catch (error) {
    // The person closed the browser's own window, or the device has no passkey for us: say so quietly.
    problem.textContent = error instanceof DOMException ? box.dataset.cancelled : error.message || box.dataset.failed;
    if (error.name === "InvalidStateError") problem.textContent = box.dataset.known;
    problem.hidden = false;
    button.disabled = false;
  }
}

for (const box of document.querySelectorAll("[data-passkeys]")) {
  const here = location.hostname === box.dataset.host || location.hostname.endsWith(`.${box.dataset.host}`);
  if (!window.PublicKeyCredential || !here) continue; // codes work everywhere
  for (const part of box.querySelectorAll("[data-passkey-part]")) part.hidden = false;
  for (const part of box.querySelectorAll("[data-passkey-fallback]")) part.hidden = true;
  box.hidden = false;
  for (const button of box.querySelectorAll("[data-passkey]")) button.addEventListener("click", () => use(button));
}
