// Where: a typed address with suggestions (a combobox after the ARIA pattern), or the device's own position.
import { el, icon } from "./ui.js";

for (const field of document.querySelectorAll("[data-place]")) setUp(field);

function setUp(field) {
  const input = field.querySelector("input");
  const list = field.querySelector("[role=listbox]");
  const status = field.querySelector("[data-status]");
  const locate = field.querySelector("[data-locate]");
  const words = JSON.parse(field.dataset.words);
  list.id = `s-${input.name}`;
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": list.id })) input.setAttribute(name, value);
  let running, timer, at = -1, found = [];

  const tell = (place) => document.dispatchEvent(new CustomEvent("hues:place", { detail: { ...place, from: field } }));
  const close = () => { list.hidden = true; at = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const choose = (place) => {
    input.value = place.label;
    close();
    input.dispatchEvent(new Event("input", { bubbles: true }));
    clearTimeout(timer);
    if (place.lat !== undefined) tell({ lat: place.lat, lon: place.lon, address: place.label, source: "address" });
  };
  const mark = (next) => {
    at = (next + found.length) % found.length;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
    input.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  };
  const show = (places) => {
    found = places;
    list.replaceChildren(...places.map((place, i) => {
      const item = el("li", { id: `${list.id}-${i}` }, icon("pin"), el("span", {}, place.label, place.note ? el("span", { className: "hint" }, ` ${place.note}`) : ""));
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(place); });
      return item;
    }));
    list.hidden = places.length === 0;
    input.setAttribute("aria-expanded", String(places.length > 0));
    status.textContent = places.length ? "" : words.none;
  };
  const ask = async () => {
    const text = input.value.trim();
    running?.abort();
    if (text.length < 2) { close(); status.textContent = ""; return; }
    running = new AbortController();
    try {
      const url = new URL(field.dataset.suggest, location.href);
      url.searchParams.set("q", text);
      const response = await fetch(url, { signal: running.signal });
      if (response.ok) show(places(await response.json()));
    } catch { /* typed again, or no network: the typed address counts as it is */ }
  };

  input.addEventListener("input", (event) => { if (event.isTrusted) { clearTimeout(timer); timer = setTimeout(ask, 180); } });
  input.addEventListener("blur", () => setTimeout(close, 150));
  input.addEventListener("keydown", (event) => {
    if (list.hidden || !found.length) return;
    if (event.key === "ArrowDown") mark(at + 1);
    else if (event.key === "ArrowUp") mark(at - 1);
    else if (event.key === "Enter" && at >= 0) choose(found[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });

  if (navigator.geolocation) {
    locate.hidden = false;
    locate.addEventListener("click", () => {
      status.textContent = words.locating;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => { status.textContent = `${words.here} (±${Math.round(coords.accuracy)} m)`; tell({ lat: coords.latitude, lon: coords.longitude, source: "device", accuracy: Math.round(coords.accuracy) }); },
        () => { status.textContent = words.denied; input.focus(); },
        { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 },
      );
    });
  }
}

/** Suggestions, whatever envelope they come in: [{label, note?, lat, lon}]. */
function places(data) {
  const rows = Array.isArray(data) ? data : (data.items ?? data.places ?? data.results ?? []);
  return rows.slice(0, 8).map((row) => ({ label: row.label ?? row.text ?? row.name, note: row.note || row.unit_name || row.detail, lat: row.lat, lon: row.lon }));
}
