// An area drawn by hand: a circle by its middle and radius, a polygon by its corners. The numbers beside it say the same and work without a map.
import { create, token, whenSeen } from "../web/map-core.js";

for (const node of document.querySelectorAll("[data-draw]")) whenSeen(node, () => start(node).catch((error) => console.warn(error)));

// How many units are ticked, beside the fold.
const form = document.querySelector(".command-form");
form?.addEventListener("change", ({ target }) => {
  const badge = form.querySelector(`[data-count-of="${target.name}"]`);
  if (badge) badge.textContent = form.querySelectorAll(`[name="${target.name}"]:checked`).length;
});

// The name follows the kind until somebody writes their own.
const called = form?.querySelector('[name="name"]');
let proposed = called?.value ?? "";
if (form?.dataset.day) {
  for (const kind of form.querySelectorAll('[name="kind"]')) kind.addEventListener("change", () => {
    if (called.value && called.value !== proposed) return;
    called.value = proposed = `${kind.closest("label").querySelector(".option-label").textContent}, ${form.dataset.day}`;
  });
}

const DEGREE = 111_195; // metres

function ring(lat, lon, metres) {
  const up = metres / DEGREE, across = up / Math.cos(lat * Math.PI / 180);
  const points = Array.from({ length: 49 }, (_, n) => [lon + across * Math.cos(n * Math.PI / 24), lat + up * Math.sin(n * Math.PI / 24)]);
  return [points];
}

async function start(node) {
  const field = (name) => node.closest("fieldset").querySelector(`[name="${name}"]`);
  const corners = JSON.parse(field("polygon").value || "[]");
  let tool = "", map; // the buttons answer before the map is there

  const shapes = () => {
    const features = [];
    const [lat, lon, metres] = ["lat", "lon", "radius_m"].map((name) => Number(field(name).value));
    if (field("lat").value && metres) features.push({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: ring(lat, lon, metres) } });
    if (corners.length > 2) features.push({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[...corners, corners[0]]] } });
    else if (corners.length === 2) features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: corners } });
    for (const corner of corners) features.push({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: corner } });
    return { type: "FeatureCollection", features };
  };
  const layers = () => {
    const purple = token("--purple");
    map.addSource("drawn", { type: "geojson", data: shapes() });
    map.addLayer({ id: "drawn", type: "fill", source: "drawn", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": purple, "fill-opacity": 0.15 } });
    map.addLayer({ id: "drawn-edge", type: "line", source: "drawn", paint: { "line-color": purple, "line-width": 2.5 } });
    map.addLayer({ id: "drawn-corners", type: "circle", source: "drawn", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": purple, "circle-radius": 6, "circle-stroke-color": token("--paper"), "circle-stroke-width": 2 } });
  };
  const show = () => {
    field("polygon").value = corners.length ? JSON.stringify(corners) : "";
    map?.getSource("drawn")?.setData(shapes());
  };
  for (const name of ["lat", "lon", "radius_m"]) field(name).addEventListener("input", show);

  node.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tool]");
    if (!button) return;
    if (button.dataset.tool === "undo") corners.pop();
    else if (button.dataset.tool === "clear") {
      corners.length = 0;
      for (const name of ["lat", "lon", "radius_m"]) field(name).value = "";
    } else {
      tool = tool === button.dataset.tool ? "" : button.dataset.tool;
      for (const one of node.querySelectorAll("[aria-pressed]")) one.setAttribute("aria-pressed", String(one.dataset.tool === tool));
      node.querySelector("[data-draw-hint]").textContent = tool ? node.dataset[tool === "circle" ? "wordsCircle" : "wordsPolygon"] : "";
      if (map) map.getCanvas().style.cursor = tool ? "crosshair" : "";
    }
    show();
  });
  map = node.huesMap = await create(node, node.querySelector(".map"));
  map.getCanvas().style.cursor = tool ? "crosshair" : "";
  layers();
  map.huesLayers = () => layers;
  map.on("click", ({ lngLat }) => {
    if (tool === "circle") {
      field("lat").value = lngLat.lat.toFixed(6);
      field("lon").value = lngLat.lng.toFixed(6);
      if (!field("radius_m").value) field("radius_m").value = 1000;
    } else if (tool === "polygon") corners.push([Number(lngLat.lng.toFixed(6)), Number(lngLat.lat.toFixed(6))]);
    show();
  });
  node.dataset.ready = "";
}
