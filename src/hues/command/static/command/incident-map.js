// The map of an incident: its area, and on it reports, tasks and forces; fetched again when something happens.
import { create, token, whenSeen } from "../web/map-core.js";
import { el, icon } from "../web/ui.js";

const EMPTY = { type: "FeatureCollection", features: [] };
const RADII = { case: 5, task: 8, force: 7 };

for (const node of document.querySelectorAll("[data-incident-map]")) whenSeen(node, () => start(node).catch((error) => console.warn(error)));

async function start(node) {
  const map = (node.huesMap = await create(node, node.querySelector(".map")));
  let data = EMPTY;
  layers(map);
  map.huesLayers = () => () => { layers(map); map.getSource("incident").setData(data); };
  const load = async () => {
    const response = await fetch(node.dataset.incidentMap, { credentials: "same-origin" });
    if (!response.ok) return;
    const first = data === EMPTY;
    data = await response.json();
    map.getSource("incident")?.setData(data);
    node.dataset.features = data.features.length;
    if (first) fit(map, data);
  };
  await load();
  let waiting;
  const topics = (node.dataset.topics ?? "").split(" ");
  document.addEventListener("hues:change", ({ detail }) => {
    if (!(detail.topics ?? []).some((topic) => topics.includes(topic))) return;
    clearTimeout(waiting);
    waiting = setTimeout(load, 400);
  });
  for (const layer of ["spots"]) {
    map.on("click", layer, (event) => card(node, event.features[0].properties));
    map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
  }
}

function layers(map) {
  const purple = token("--purple"), bad = token("--bad"), good = token("--good"), info = token("--info"), muted = token("--muted"), paper = token("--paper"), gold = token("--gold");
  const is = (...names) => ["in", ["get", "layer"], ["literal", names]];
  map.addSource("incident", { type: "geojson", data: EMPTY });
  map.addLayer({ id: "area", type: "fill", source: "incident", filter: is("area"), paint: { "fill-color": bad, "fill-opacity": 0.09 } });
  map.addLayer({ id: "area-edge", type: "line", source: "incident", filter: is("area"), paint: { "line-color": bad, "line-width": 2, "line-dasharray": [3, 2] } });
  map.addLayer({ id: "sector", type: "line", source: "incident", filter: is("sector"), paint: { "line-color": gold, "line-width": 2.5 } });
  map.addLayer({
    id: "spots", type: "circle", source: "incident", filter: ["==", ["geometry-type"], "Point"],
    layout: { "circle-sort-key": ["match", ["get", "layer"], "task", 2, "force", 1, 0] },
    paint: {
      "circle-radius": ["match", ["get", "layer"], ...Object.entries(RADII).flat(), 5],
      "circle-color": ["case", ["==", ["get", "layer"], "force"], good, ["==", ["get", "tone"], "late"], bad, ["==", ["get", "tone"], "done"], muted, ["==", ["get", "layer"], "task"], purple, ["get", "open"], info, muted],
      "circle-stroke-color": paper, "circle-stroke-width": 2,
    },
  });
}

function fit(map, data) {
  let [west, south, east, north] = [180, 90, -180, -90];
  const take = (point) => {
    if (typeof point[0] === "number") {
      west = Math.min(west, point[0]); east = Math.max(east, point[0]); south = Math.min(south, point[1]); north = Math.max(north, point[1]);
    } else point.forEach(take);
  };
  const shapes = data.features.filter(({ properties }) => properties.layer === "area");
  for (const { geometry } of shapes.length ? shapes : data.features) take(geometry.coordinates);
  if (east >= west) map.fitBounds([[west, south], [east, north]], { padding: 36, maxZoom: 15, duration: 0 });
}

function card(node, { title, text, url }) {
  node.querySelector(".map-card")?.remove();
  const words = el("span", {}, el("strong", { className: "case-row-title" }, title), el("br"), el("span", { className: "meta" }, text ?? ""));
  const close = el("button", { type: "button", className: "icon-button" }, icon("close"));
  close.setAttribute("aria-label", node.dataset.close);
  const box = el("div", { className: "map-card" }, url ? el("a", { href: url }, words) : words, close);
  close.addEventListener("click", () => box.remove());
  node.append(box);
}
