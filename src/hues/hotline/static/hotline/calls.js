// The call desk: clocks that run, the number of people waiting in the title, suggestions while the operator types.
const clock = (seconds) => {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
};

const title = document.title;
function tick() {
  for (const node of document.querySelectorAll("[data-since]")) node.textContent = clock((Date.now() - Date.parse(node.dataset.since)) / 1000);
  for (const node of document.querySelectorAll("[data-counts]")) {
    node.began ??= Date.now() - Number(node.dataset.counts) * 1000;
    node.textContent = clock((Date.now() - node.began) / 1000);
  }
  const waiting = Number(document.querySelector("[data-waiting]")?.dataset.waiting ?? 0);
  document.title = waiting ? `(${waiting}) ${title}` : title;
}
tick();
setInterval(tick, 1000);
document.addEventListener("hues:refreshed", tick);

// A call that has ended wants its wrap-up: the page shows how, once nobody is typing.
document.addEventListener("hues:refreshed", () => {
  const page = document.querySelector(".call-page");
  const ended = page && page.dataset.state !== "ended" && page.querySelector(".call-head")?.dataset.state === "ended";
  if (ended && !document.activeElement?.matches("input, textarea, select")) location.assign(`${location.pathname}?do=wrap`);
});
const asked = new URLSearchParams(location.search).get("do");
if (asked === "wrap") document.querySelector(".wrap")?.scrollIntoView({ block: "start" });
else document.querySelector(`details#${CSS.escape(asked || "none")}[open]`)?.querySelector("textarea, input:not([type=hidden])")?.focus();

const form = document.querySelector("form[data-suggest]");
if (form) helpFiling(form);

function helpFiling(form) {
  const place = form.querySelector("[data-suggestions]");
  const here = form.querySelector("[data-questions-here]");
  const { body, category, address } = form.elements;
  let timer, running, asked = "";

  const fetchPart = async (address_, into) => {
    running?.abort();
    running = new AbortController();
    try {
      const response = await fetch(address_, { headers: { "HX-Request": "true" }, credentials: "same-origin", signal: running.signal });
      if (response.ok) into.innerHTML = await response.text();
    } catch { /* typed again, or no network: the list of kinds is there */ }
  };
  const suggest = () => {
    const words = body.value.trim();
    if (words === asked) return;
    asked = words;
    const url = new URL(form.dataset.suggest, location.href);
    for (const [name, value] of [["q", words], ["address", address.value], ["lat", form.elements.lat?.value ?? ""], ["lon", form.elements.lon?.value ?? ""]]) url.searchParams.set(name, value);
    fetchPart(url, place);
  };
  body.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(suggest, 250); });

  const choose = (code) => {
    category.value = code;
    category.dispatchEvent(new Event("change", { bubbles: true }));
    for (const one of place.querySelectorAll("[data-kind]")) one.setAttribute("aria-pressed", String(one.dataset.kind === code));
    address.focus();
  };
  place.addEventListener("click", (event) => {
    const one = event.target.closest("[data-kind]");
    if (one) choose(one.dataset.kind);
  });
  category.addEventListener("change", async () => {
    const url = new URL(form.dataset.questions, location.href);
    url.searchParams.set("category", category.value);
    const response = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (response.ok) here.innerHTML = await response.text();
  });
  form.addEventListener("keydown", (event) => {
    const number = event.altKey && /^Digit([1-3])$/.exec(event.code);
    if (number) {
      const one = place.querySelectorAll("[data-kind]")[number[1] - 1];
      if (one) { event.preventDefault(); choose(one.dataset.kind); }
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", () => { form.querySelector("button.wide").disabled = true; });
  if (body.value.trim()) suggest();
}
