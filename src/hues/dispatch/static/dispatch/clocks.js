// Clocks that count by themselves: [data-clock=until|since] with a datetime. The server's clock counts, not the phone's.
let offset = 0;
const two = (n) => String(n).padStart(2, "0");

function sync(root) {
  const node = root.matches?.("[data-server-now]") ? root : root.querySelector?.("[data-server-now]");
  const now = node && Date.parse(node.dataset.serverNow);
  if (now) offset = now - Date.now();
}

function shown(seconds) {
  const s = Math.abs(seconds), hours = Math.floor(s / 3600);
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  return hours ? `${hours}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${two(Math.floor(s / 60))}:${two(s % 60)}`;
}

function tick() {
  const now = Date.now() + offset;
  for (const node of document.querySelectorAll("[data-clock]")) {
    const at = Date.parse(node.dateTime);
    if (!at) continue;
    const seconds = Math.round((node.dataset.clock === "since" ? now - at : at - now) / 1000);
    const late = node.dataset.clock === "until" && seconds < 0;
    const word = late ? node.closest("[data-word-late]")?.dataset.wordLate ?? "" : "";
    const text = late ? `${word} ${shown(seconds)}`.trim() : shown(Math.max(0, seconds));
    if (node.textContent !== text) node.textContent = text;
    node.classList.toggle("late", late);
    node.classList.toggle("soon", !late && node.dataset.clock === "until" && seconds < 60);
  }
}

sync(document);
document.addEventListener("hues:refreshed", ({ target }) => { sync(target); tick(); });
tick();
setInterval(tick, 1000);
