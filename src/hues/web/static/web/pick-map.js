// A pin on the spot: by tap, by dragging, by arrow keys; hears where the photo, the device or the address points.
import { create, load, numbers, whenSeen } from "./map-core.js";

for (const node of document.querySelectorAll("[data-pick-map]")) {
  node.querySelector(".map").hidden = false;
  whenSeen(node, () => start(node).catch(() => { node.querySelector(".map").hidden = true; }));
}

// Things nearby to pick one of (reports/things.js): dots, in whichever order they and the map come.
let things = [], drawThings = () => {};
document.addEventListener("hues:things", ({ detail }) => { things = detail; drawThings(); });

function showThings(map, Marker) {
  const dots = [];
  drawThings = () => {
    for (const dot of dots.splice(0)) dot.remove();
    for (const { ref, label, lat, lon, chosen } of things) {
      const element = Object.assign(document.createElement("button"), { type: "button", className: "map-thing", title: label });
      element.setAttribute("aria-label", label);
      element.setAttribute("aria-pressed", chosen);
      element.addEventListener("click", (event) => { event.stopPropagation(); document.dispatchEvent(new CustomEvent("hues:thing", { detail: ref })); });
      dots.push(new Marker({ element }).setLngLat([lon, lat]).addTo(map));
    }
  };
  drawThings();
}

const input = (node, name) => node.querySelector(`input[name="${name}"]`);

async function start(node) {
  const box = node.querySelector(".map");
  const map = await create(node, box);
  const { Marker } = await load(node);
  const marker = new Marker({ element: pin(), anchor: "bottom", draggable: true });
  const known = [Number(input(node, "lon").value), Number(input(node, "lat").value)];
  let placed = Boolean(input(node, "lat").value);
  const place = (lngLat, source, tell = true) => {
    marker.setLngLat(lngLat);
    if (!placed) { marker.addTo(map); placed = true; }
    const { lng, lat } = marker.getLngLat();
    input(node, "lat").value = lat.toFixed(6);
    input(node, "lon").value = lng.toFixed(6);
    input(node, "place_source").value = source;
    if (tell) document.dispatchEvent(new CustomEvent("hues:place", { detail: { lat, lon: lng, source, from: node } }));
  };
  if (placed) { marker.setLngLat(known).addTo(map); map.jumpTo({ center: known, zoom: 16 }); }
  map.on("click", (event) => place(event.lngLat, "map"));
  marker.on("dragend", () => place(marker.getLngLat(), "map"));
  keys(box, map, marker, place, () => placed);
  showThings(map, Marker);
  document.addEventListener("hues:place", ({ detail }) => {
    if (detail.from === node || detail.lat === undefined || !inside(node, detail)) return;
    if (detail.source === "photo" && placed && input(node, "place_source").value === "map") return; // a pin set by hand stays
    place([detail.lon, detail.lat], detail.source, false);
    map.jumpTo({ center: [detail.lon, detail.lat], zoom: Math.max(map.getZoom(), 16) });
  });
}

function inside(node, { lat, lon }) {
  const [west, south, east, north] = numbers(node.dataset.bounds);
  return lon >= west && lon <= east && lat >= south && lat <= north;
}

// Arrows move the pin by a few pixels, with Shift by many; plus and minus zoom.
function keys(box, map, marker, place, isPlaced) {
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  box.addEventListener("keydown", (event) => {
    if (event.key === "+" || event.key === "=") map.zoomIn();
    else if (event.key === "-") map.zoomOut();
    else if (steps[event.key]) {
      const far = event.shiftKey ? 40 : 8;
      const from = map.project(isPlaced() ? marker.getLngLat() : map.getCenter());
      const [x, y] = steps[event.key];
      const to = map.unproject([from.x + x * far, from.y + y * far]);
      place(to, "map");
      map.panTo(to, { duration: 0 });
    } else if (event.key === "Enter" && !isPlaced()) place(map.getCenter(), "map");
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
}

function pin() {
  const node = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  node.setAttribute("viewBox", "0 0 32 40");
  node.setAttribute("class", "map-pin");
  node.innerHTML = '<path d="M16 39C16 39 2 26 2 15.5a14 14 0 0 1 28 0C30 26 16 39 16 39z"/><circle cx="16" cy="15.5" r="5.5"/>';
  return node;
}
