// The wall: renews itself when something happens, counts its clocks, goes through its arrangements, and needs nobody.
import { create, token } from "../web/map-core.js";

const wall = document.querySelector("[data-wall]");
const door = wall.dataset.wall;
const links = [...document.querySelectorAll("[data-layout][data-seconds]")];
const pause = document.querySelector("[data-wall-pause]");
const SOON = 400; // several changes within this many milliseconds are one look
const ANYWAY = 30e3; // clocks run out without anything happening

let map;
let waiting;
let turn;

// What is shown.

async function renew() {
  clearTimeout(waiting);
  waiting = undefined;
  try {
    const response = await fetch(`${door}/now?layout=${encodeURIComponent(wall.dataset.layout)}`, { credentials: "same-origin" });
    if (response.status === 404 || response.status === 401) return location.reload(); // the link was ended, or the person signed out
    if (!response.ok) throw new Error(response.status);
    document.querySelector("[data-wall-now]").innerHTML = await response.text();
    online(true);
    trim();
    tick();
    await fillMap();
  } catch { online(false); }
}

const soon = () => { waiting ??= setTimeout(renew, SOON); };
for (const event of ["hues:change", "hues:map-refresh"]) document.addEventListener(event, soon);
document.addEventListener("hues:gone", () => location.reload()); // the link was ended, or the person signed out
setInterval(renew, ANYWAY);
addEventListener("online", renew);
addEventListener("offline", () => online(false));

function online(is) {
  const node = document.querySelector("[data-wall-live]");
  node.textContent = is ? node.dataset.on : node.dataset.off;
  node.classList.toggle("off", !is);
}

// A row that would be cut is not shown; how many those are is said.

function trim() {
  for (const list of document.querySelectorAll(".pane :is(ol, ul)")) {
    const rows = [...list.children];
    for (const row of rows) row.hidden = false;
    const more = list.parentElement.querySelector("[data-more]");
    let hidden = 0;
    const say = () => {
      if (!more) return;
      const n = Number(more.dataset.more) + hidden;
      more.hidden = !n;
      more.textContent = more.dataset.word.replace("{n}", n);
    };
    say();
    while (hidden < rows.length - 1 && list.scrollHeight > list.clientHeight + 1) { rows.at(-1 - hidden).hidden = true; hidden += 1; say(); }
  }
  for (const table of document.querySelectorAll(".pane tbody")) {
    const pane = table.closest(".pane"), rows = [...table.rows];
    for (const row of rows) row.hidden = false;
    while (rows.length > 1 && pane.scrollHeight > pane.clientHeight + 1) rows.pop().hidden = true;
  }
}
addEventListener("resize", trim);
document.fonts.ready.then(trim);

// Clocks: what is left, or how much is over.

function tick() {
  const now = Date.now();
  for (const node of document.querySelectorAll("[data-until]")) {
    const left = Math.round((Date.parse(node.dataset.until) - now) / 1000);
    const size = Math.abs(left), hours = Math.floor(size / 3600), minutes = Math.floor(size / 60) % 60, seconds = size % 60;
    const two = (n) => String(n).padStart(2, "0");
    node.textContent = (left < 0 ? "+" : "") + (hours >= 48 ? `${Math.floor(hours / 24)} ${wall.dataset.wordDays}` : hours ? `${hours}h${two(minutes)}` : `${minutes}:${two(seconds)}`);
    node.closest("li")?.classList.toggle("over", left < 0);
    node.closest("li")?.classList.toggle("soon", left >= 0 && left < 300);
  }
  const clock = document.querySelector("[data-wall-clock]");
  clock.textContent = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: clock.dataset.zone || undefined }).format(now);
}
setInterval(tick, 1000);

// Arrangements.

function show(link) {
  wall.dataset.layout = link.dataset.layout;
  for (const one of links) one.toggleAttribute("aria-current", one === link);
  link.setAttribute("aria-current", "page");
  history.replaceState(null, "", link.href);
  const centre = link.dataset.centre;
  wall.dataset.centre = centre;
  renew().then(() => map?.resize());
  wind();
}

function wind() {
  clearTimeout(turn);
  const at = Math.max(0, links.findIndex((link) => link.dataset.layout === wall.dataset.layout));
  if (links.length > 1 && pause.getAttribute("aria-pressed") !== "true") turn = setTimeout(() => show(links[(at + 1) % links.length]), links[at].dataset.seconds * 1000);
}

function step(by) {
  const at = links.findIndex((link) => link.dataset.layout === wall.dataset.layout);
  show(links[(at + by + links.length) % links.length]);
}

for (const link of links) link.addEventListener("click", (event) => { event.preventDefault(); show(link); });
pause.addEventListener("click", () => {
  const stays = pause.getAttribute("aria-pressed") !== "true";
  pause.setAttribute("aria-pressed", stays);
  wind();
});
document.querySelector("[data-wall-full]").addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  if (event.key === "ArrowRight") step(1);
  else if (event.key === "ArrowLeft") step(-1);
  else if (event.key === "p") pause.click();
  else if (event.key === "f") document.querySelector("[data-wall-full]").click();
  else if (/^[1-9]$/.test(event.key) && links[event.key - 1]) show(links[event.key - 1]);
});

// The map.

/** A number of the map's style, or what it is at each zoom, so many times as large; anything else as it is. */
function grown(value, scale) {
  if (typeof value === "number") return value * scale;
  if (!Array.isArray(value)) return value;
  const first = { interpolate: 4, step: 2 }[value[0]]; // where the first result stands; from there every second one
  return first ? value.map((part, at) => (at >= first && (at - first) % 2 === 0 ? grown(part, scale) : part)) : value;
}

/** Lines and names were drawn for 1920 points: on a screen with more they grow with it. */
function growLayers(scale) {
  for (const { id, type } of map.getStyle().layers) {
    if (type === "line") map.setPaintProperty(id, "line-width", grown(map.getPaintProperty(id, "line-width") ?? 1, scale));
    if (type === "circle") map.setPaintProperty(id, "circle-radius", grown(map.getPaintProperty(id, "circle-radius") ?? 5, scale));
    if (type === "symbol") map.setLayoutProperty(id, "text-size", grown(map.getLayoutProperty(id, "text-size") ?? 16, scale));
  }
}

async function startMap() {
  const node = document.querySelector("[data-wall-map]");
  map = node.huesMap = await create(node, node.querySelector(".map"), { interactive: false });
  const scale = Math.max(1, innerWidth / 1920);
  if (scale > 1) growLayers(scale);
  for (const layer of ["unit-names", "water-names"]) map.setLayoutProperty(layer, "text-size", Math.max(14, innerWidth / 96)); // 20 px of 1920
  const [purple, bad, gold, paper, ink] = ["--purple", "--bad", "--gold", "--paper", "--on-purple"].map(token);
  map.addSource("now", { type: "geojson", data: { type: "FeatureCollection", features: [] }, cluster: true, clusterRadius: 34 * scale, clusterMaxZoom: 15, clusterProperties: { all: ["+", ["get", "open"]], hot: ["+", ["get", "urgent"]], new: ["+", ["get", "fresh"]] } });
  map.addSource("heat", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addLayer({ id: "heat", type: "heatmap", source: "heat", filter: [">", ["get", "fresh"], 0], paint: { "heatmap-weight": ["min", 1, ["/", ["get", "fresh"], 4]], "heatmap-radius": 34 * scale, "heatmap-opacity": 0.75, "heatmap-color": ["interpolate", ["linear"], ["heatmap-density"], 0, "rgba(0,0,0,0)", 0.3, "rgba(224,179,84,.28)", 0.7, "rgba(224,179,84,.6)", 1, gold] } });
  const count = ["coalesce", ["get", "all"], ["get", "open"]], hot = ["coalesce", ["get", "hot"], ["get", "urgent"]];
  map.addLayer({ id: "open", type: "circle", source: "now", filter: [">", count, 0], paint: { "circle-color": ["case", [">", hot, 0], bad, purple], "circle-opacity": 0.92, "circle-radius": ["interpolate", ["linear"], ["ln", ["+", count, 1]], 0.7, 8 * scale, 4, 24 * scale, 7, 40 * scale], "circle-stroke-color": paper, "circle-stroke-width": 2 * scale } });
  map.addLayer({ id: "counts", type: "symbol", source: "now", filter: [">", count, 1], layout: { "text-field": ["to-string", count], "text-font": ["Be Vietnam Pro"], "text-size": Math.max(17, innerWidth / 90), "text-allow-overlap": true }, paint: { "text-color": ink } });
  await fillMap();
}

async function fillMap() {
  if (!map) return;
  const response = await fetch(`${door}/map.json`, { credentials: "same-origin" });
  if (!response.ok) return;
  const data = await response.json();
  map.getSource("now").setData(data);
  map.getSource("heat").setData(data);
  fit(data.features.map(({ geometry }) => geometry.coordinates));
  document.querySelector("[data-wall-map]").dataset.filled = data.features.length;
}

/** Two looks in turn: everything that is open, and where most of it is. */
let looks = [];
let look = 0;

function fit(points) {
  const [lons, lats] = [0, 1].map((axis) => points.map((point) => point[axis]).sort((a, b) => a - b));
  const part = (sorted, share) => sorted[Math.round((sorted.length - 1) * share)];
  const box = (share) => [[part(lons, share), part(lats, share)], [part(lons, 1 - share), part(lats, 1 - share)]];
  looks = points.length ? [box(0), box(0.15)] : [];
  if (!document.querySelector("[data-wall-map]").dataset.filled) turnMap(0);
}

function turnMap(duration) {
  if (looks.length) map.fitBounds(looks[look % looks.length], { padding: 70, maxZoom: 14, duration });
  look += 1;
}
setInterval(() => { if (map && pause.getAttribute("aria-pressed") !== "true") turnMap(matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 1500); }, 15e3);

tick();
wind();
online(navigator.onLine);
startMap().catch((error) => console.warn(error));
