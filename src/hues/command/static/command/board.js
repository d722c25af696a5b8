// The board of an incident: the clock of the period, the log by keyboard, offers by the handful.
const board = document.querySelector("[data-board]");

// The period's clock counts down in minutes, and says by how much it is over.
function tick() {
  for (const node of document.querySelectorAll(".period-clock[data-until]")) {
    const left = Math.round((new Date(node.dataset.until) - Date.now()) / 60000);
    const minutes = Math.abs(left);
    const text = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
    node.textContent = left >= 0 ? text : `+${text} ${node.dataset.over}`;
    node.classList.toggle("over", left < 0);
  }
}
tick();
setInterval(tick, 10_000);

const entry = () => document.querySelector("[data-log-entry]");
const body = () => document.getElementById("log-body");

function mend(id, number) {
  const form = entry();
  if (!form) return;
  form.elements.corrects.value = id;
  const note = form.querySelector("[data-log-mends]");
  note.hidden = !id;
  note.querySelector("b").textContent = number;
  if (id) body().focus();
}

board?.addEventListener("click", (event) => {
  const line = event.target.closest("[data-log-mend]");
  if (line) mend(line.dataset.logMend, line.dataset.number);
  if (event.target.closest("[data-log-let]")) mend("", "");
  if (event.target.closest("[data-choose-all]")) {
    const boxes = [...event.target.closest("form").querySelectorAll("[name=cases]")];
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !all;
  }
});

// A key of the log's kinds chooses it and goes to the text: L, words, Enter.
board?.addEventListener("change", (event) => {
  if (event.target.matches(".log-kinds input")) {
    const spoken = ["radio", "phone"].includes(event.target.value);
    document.getElementById(spoken ? "log-caller" : "log-body").focus();
  }
});
board?.addEventListener("click", (event) => { // the kind that is chosen already: its key still leads to the text
  if (event.target.matches(".log-kinds input")) requestAnimationFrame(() => { if (document.activeElement === event.target || document.activeElement === document.body) body().focus(); });
});
board?.addEventListener("keydown", (event) => {
  if (event.target.id === "log-body" && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    entry().requestSubmit();
  }
  if (event.target.id === "log-caller" && event.key === "Enter") { event.preventDefault(); body().focus(); }
});

// After a line is written the hand stays where it is.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.requestConfig?.path?.endsWith("/do/log")) body()?.focus();
});
// What was refused is a whole page: shown as one.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 400 && event.detail.requestConfig?.path?.includes("/do/")) {
    event.detail.shouldSwap = false;
    const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    const problem = page.querySelector("#log .note.bad, .problem p, main p");
    const note = document.createElement("p");
    note.className = "note bad";
    note.setAttribute("role", "alert");
    note.textContent = problem?.textContent.trim() ?? "";
    entry()?.querySelector(".note.bad")?.remove();
    entry()?.prepend(note);
  }
});
