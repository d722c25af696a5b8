// Maps to look at: reports as clusters or points, a card for the one that was touched. The list beside it has everything that the map has.
import { create, token, whenSeen } from "./map-core.js";
import { el, icon } from "./ui.js";

for (const node of document.querySelectorAll("[data-map]")) whenSeen(node, () => start(node).catch((error) => failed(node, error)));

async function start(node) {
  const box = node.querySelector(".map");
  const words = JSON.parse(node.dataset.words || "{}");
  const map = (node.huesMap = await create(node, box)); // for whoever tests or extends it
  const layers = () => addLayers(map);
  layers();
  map.huesLayers = () => { const data = map.huesData; return () => { layers(); map.getSource("cases").setData(data); }; };
  const show = (data) => {
    for (const { properties } of data.features) properties.stage ??= words.stages?.[properties.state] ?? "handling";
    map.huesData = data; map.getSource("cases")?.setData(data);
  };
  if (node.dataset.points) showPoints(node, map, show);
  if (node.dataset.source) follow(node, map, show);
  clicks(node, map, words);
  if (node.dataset.source && navigator.geolocation) locateButton(node, map, words);
}

function addLayers(map) {
  const purple = token("--purple"), paper = token("--paper"), ink = token("--on-purple");
  const colour = ["match", ["get", "stage"], "done", token("--good"), "checking", token("--warn"), "received", token("--info"), purple];
  map.addSource("cases", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  const many = [">", ["coalesce", ["get", "count"], 1], 1];
  map.addLayer({ id: "clusters", type: "circle", source: "cases", filter: many, paint: { "circle-color": purple, "circle-opacity": 0.88, "circle-radius": ["interpolate", ["linear"], ["ln", ["get", "count"]], 0.7, 12, 4, 20, 8, 32], "circle-stroke-color": paper, "circle-stroke-width": 2 } });
  map.addLayer({ id: "cluster-counts", type: "symbol", source: "cases", filter: many, layout: { "text-field": ["case", [">=", ["get", "count"], 1000], ["concat", ["to-string", ["round", ["/", ["get", "count"], 1000]]], "k"], ["to-string", ["get", "count"]]], "text-font": ["Be Vietnam Pro"], "text-size": 12.5, "text-allow-overlap": true }, paint: { "text-color": ink } });
  map.addLayer({ id: "points", type: "circle", source: "cases", filter: ["!", many], layout: { "circle-sort-key": ["match", ["get", "stage"], "done", 0, 1] }, paint: { "circle-color": colour, "circle-radius": ["interpolate", ["linear"], ["zoom"], 10, ["match", ["get", "stage"], "done", 3.5, 5.5], 16, ["match", ["get", "stage"], "done", 7, 10]], "circle-stroke-color": paper, "circle-stroke-width": ["match", ["get", "stage"], "done", 1.5, 2.5] } });
}

function showPoints(node, map, show) {
  const points = JSON.parse(node.dataset.points);
  show({ type: "FeatureCollection", features: points.map((point) => ({ type: "Feature", properties: point, geometry: { type: "Point", coordinates: [point.lon, point.lat] } })) });
  if (points.length === 1) map.jumpTo({ center: [points[0].lon, points[0].lat], zoom: 13.3 });
  else if (points.length) {
    const lons = points.map((point) => point.lon), lats = points.map((point) => point.lat);
    map.fitBounds([[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]], { padding: 50, maxZoom: 15, duration: 0 });
  }
}

// Asks for what is in view, with the page's own filters; only the newest answer counts.
function follow(node, map, show) {
  let running;
  const ask = async (cache = "default") => {
    running?.abort();
    running = new AbortController();
    const bounds = map.getBounds();
    const url = new URL(node.dataset.source, location.href);
    url.searchParams.set("bbox", [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((n) => n.toFixed(5)).join(","));
    url.searchParams.set("zoom", Math.round(map.getZoom()));
    try {
      const response = await fetch(url, { signal: running.signal, cache });
      if (response.ok) show(await response.json());
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };
  map.on("moveend", () => ask());
  const again = seldom(() => ask("reload"));
  for (const event of ["hues:change", "hues:map-refresh"]) document.addEventListener(event, again);
  ask();
}

// After a change of what the page listens to: soon, several together, rarely where very much happens, and only while somebody looks.
// Where they look and the card they have open stays.
const SOON = 120, APART = 600, MANY = 12, MANY_APART = 5000; // milliseconds; MANY within a minute
function seldom(work) {
  let timer, missed = false, done = [];
  const plan = () => {
    if (document.hidden) { missed = true; return; }
    const now = Date.now();
    done = done.filter((at) => at > now - 60e3);
    const next = done.length ? done.at(-1) + (done.length > MANY ? MANY_APART : APART) - now : 0;
    timer ??= setTimeout(() => { timer = undefined; done.push(Date.now()); work(); }, Math.max(next, SOON + Math.random() * SOON));
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden && missed) { missed = false; plan(); } });
  return plan;
}

function clicks(node, map, words) {
  for (const layer of ["clusters", "points"]) {
    map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
  }
  map.on("click", "clusters", (event) => {
    const [feature] = event.features;
    map.easeTo({ center: feature.geometry.coordinates, zoom: Math.min(map.getZoom() + 2.2, 17) });
  });
  map.on("click", "points", (event) => card(node, event.features[0].properties, words));
  map.on("click", (event) => { if (!map.queryRenderedFeatures(event.point, { layers: ["clusters", "points"] }).length) node.querySelector(".map-card")?.remove(); });
}

function card(node, properties, words) {
  node.querySelector(".map-card")?.remove();
  const url = properties.url || (properties.code ? `/cases/${encodeURIComponent(properties.code)}` : "");
  const text = el("span", {}, el("span", { className: "meta" }, words.states?.[properties.state] ?? properties.code ?? ""));
  text.prepend(el("strong", { className: "case-row-title" }, properties.title || properties.code || ""), el("br"));
  const close = el("button", { type: "button", className: "icon-button" }, icon("close"));
  close.setAttribute("aria-label", words.close);
  const box = el("div", { className: "map-card" }, url ? el("a", { href: url }, text) : text, close);
  close.addEventListener("click", () => box.remove());
  node.append(box);
  box.querySelector("a")?.focus({ preventScroll: true });
  if (words.open && url) box.querySelector("a").title = words.open;
}

function locateButton(node, map, words) {
  const button = el("button", { type: "button", className: "map-tool" }, icon("locate"));
  button.setAttribute("aria-label", words.near);
  button.addEventListener("click", () => navigator.geolocation.getCurrentPosition(({ coords }) => map.flyTo({ center: [coords.longitude, coords.latitude], zoom: 15 })));
  node.append(button);
}

function failed(node, error) {
  console.warn(error);
  const words = JSON.parse(node.dataset.words || "{}");
  node.querySelector(".map").replaceChildren(el("p", { className: "map-fallback" }, words.failed ?? ""));
}
