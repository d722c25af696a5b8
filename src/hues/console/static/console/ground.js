// One map for all cases: it stays, its points change.
const frame = document.querySelector("[data-tri-map]");
let wanted = null;

function draw() {
  const node = frame.querySelector("[data-map]");
  const map = node?.huesMap;
  if (!map || !wanted?.length) return;
  const source = map.getSource("cases");
  if (!source) { map.once("load", draw); return; }
  const data = { type: "FeatureCollection", features: wanted.map((point) => ({ type: "Feature", properties: { ...point, state: point.stage }, geometry: { type: "Point", coordinates: [point.lon, point.lat] } })) };
  map.huesData = data;
  source.setData(data);
  node.querySelector(".map-card")?.remove();
  const lons = wanted.map((point) => point.lon), lats = wanted.map((point) => point.lat);
  map.fitBounds([[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]], { padding: 40, maxZoom: 14, duration: 0 });
}

export function showOnMap(node) {
  wanted = JSON.parse(node.dataset.points || "[]");
  frame.hidden = !wanted.length;
  requestAnimationFrame(() => setTimeout(draw)); // the case first, the map a moment later
}

// The map comes to life after the first case was shown.
const waits = setInterval(() => { if (frame.querySelector("[data-map]")?.huesMap) { clearInterval(waits); draw(); } }, 300);
setTimeout(() => clearInterval(waits), 30000);
