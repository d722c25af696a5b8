// What is around me: the position goes to the server in the body of a request, once, and comes back as a list.
import { toast } from "../web/ui.js";

for (const button of document.querySelectorAll("[data-near]")) {
  if (!navigator.geolocation) { button.hidden = true; continue; }
  button.addEventListener("click", () => look(button));
}

function look(button) {
  button.setAttribute("aria-busy", "true");
  toast(button.dataset.looking, 3);
  const denied = () => { button.removeAttribute("aria-busy"); toast(button.dataset.denied); };
  navigator.geolocation.getCurrentPosition(({ coords }) => show(button, coords).catch(denied), denied, { timeout: 10000, maximumAge: 60000 });
}

async function show(button, { latitude, longitude }) {
  const body = new URLSearchParams({ lat: latitude.toFixed(5), lon: longitude.toFixed(5) });
  if (button.dataset.mapModule) body.set("map", "1");
  const answer = await fetch("/near", { method: "POST", body, headers: { "X-CSRFToken": document.body.dataset.csrf, Accept: "text/html" } });
  if (!answer.ok) throw new Error(answer.status);
  document.querySelector(button.dataset.near).innerHTML = await answer.text();
  button.removeAttribute("aria-busy");
  button.setAttribute("aria-pressed", "true");
  if (button.dataset.mapModule) { await import(button.dataset.mapModule); button.disabled = true; return; } // the map starts once
  for (const chip of button.parentElement.querySelectorAll("[aria-current]")) chip.removeAttribute("aria-current");
  const map = document.querySelector("[data-map]")?.huesMap;
  map?.flyTo({ center: [longitude, latitude], zoom: 15 });
}

// "Follow this place": where the map is looking.
for (const link of document.querySelectorAll("[data-follow-here]")) {
  link.addEventListener("click", (event) => {
    const map = document.querySelector("[data-map]")?.huesMap;
    if (!map) return; // without a map, areas and kinds
    event.preventDefault();
    const { lat, lng } = map.getCenter();
    location.href = `/follow?lat=${lat.toFixed(5)}&lon=${lng.toFixed(5)}`;
  });
}

// /map?lat=…&lon=… opens there.
const asked = new URLSearchParams(location.search);
if (asked.has("lat") && asked.has("lon")) {
  const at = [Number(asked.get("lon")), Number(asked.get("lat"))];
  const wait = setInterval(() => {
    const map = document.querySelector("[data-map]")?.huesMap;
    if (map && at.every(Number.isFinite)) { clearInterval(wait); map.jumpTo({ center: at, zoom: 15.5 }); }
  }, 100);
  setTimeout(() => clearInterval(wait), 15000);
}
