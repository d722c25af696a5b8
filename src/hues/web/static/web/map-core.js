// The map's ground and engine. MapLibre is loaded only when a map comes into view; labels are drawn from the page's own font, no server is asked for glyphs.
let engine;

/** MapLibre, loaded once. `node` names the files in its data attributes. */
export function load(node) {
  engine ??= (async () => {
    const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: node.dataset.css });
    document.head.append(style);
    const module = await import(node.dataset.engine);
    module.setWorkerUrl?.(new URL(node.dataset.worker, location.href).href);
    await Promise.allSettled([document.fonts.load('400 16px "Be Vietnam Pro"', "Huế ạ"), document.fonts.load('600 16px "Be Vietnam Pro"', "Huế ạ")]);
    return module;
  })();
  return engine;
}

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Numbers of a data attribute. */
export const numbers = (text) => (text ?? "").split(",").filter(Boolean).map(Number);

const grows = (curve, ...stops) => ["interpolate", ["exponential", curve], ["zoom"], ...stops];
const kind = (...names) => ["in", ["get", "kind"], ["literal", names]];
const shape = (name) => ["==", ["geometry-type"], name];
const ROUND = { "line-cap": "round", "line-join": "round" };

/** A style of our own: land, water, roads of the pack's drawing, borders and names of the units. */
export function style(base) {
  const [land, land2, water, line, road, ink, green] = ["land", "land-2", "water", "line", "road", "ink", "green"].map((name) => token(`--map-${name}`));
  const deep = token("--info"), gold = token("--gold"), purple = token("--purple");
  const width = ["coalesce", ["get", "width"], 2];
  const layers = [
    { id: "ground", type: "background", paint: { "background-color": land } },
    { id: "units", type: "fill", filter: ["all", kind("unit"), shape("Polygon")], paint: { "fill-color": land2, "fill-opacity": 0.5 } },
    { id: "green", type: "fill", filter: kind("green", "park", "forest"), paint: { "fill-color": green } },
    { id: "water", type: "fill", filter: ["all", kind("sea", "lagoon", "lake", "water"), shape("Polygon")], paint: { "fill-color": water } },
    { id: "borders", type: "line", filter: kind("unit"), paint: { "line-color": line, "line-width": grows(1.2, 8, 0.6, 14, 1.6), "line-dasharray": [3, 2] } },
    { id: "river", type: "line", filter: kind("river", "canal"), layout: ROUND, paint: { "line-color": water, "line-width": grows(1.7, 8, ["*", width, 0.35], 12, ["*", width, 1.3], 16, ["*", width, 9]) } },
    { id: "citadel", type: "fill", filter: ["all", kind("citadel", "monument"), shape("Polygon")], paint: { "fill-color": gold, "fill-opacity": 0.12 } },
    { id: "citadel-wall", type: "line", filter: ["all", kind("citadel", "monument"), shape("Polygon")], minzoom: 10, paint: { "line-color": gold, "line-width": grows(1.4, 10, 0.8, 15, 3), "line-opacity": 0.75 } },
    { id: "railway", type: "line", filter: kind("railway"), paint: { "line-color": line, "line-width": grows(1.4, 8, 0.8, 15, 3), "line-dasharray": [2, 2] } },
    { id: "road-case", type: "line", filter: kind("road", "bridge"), layout: ROUND, paint: { "line-color": line, "line-width": grows(1.5, 8, 1.4, 12, 3.4, 16, 12) } },
    { id: "road", type: "line", filter: kind("road", "bridge"), layout: ROUND, paint: { "line-color": road, "line-width": grows(1.5, 8, 0.6, 12, 2, 16, 9) } },
    label("road-names", kind("road", "bridge"), { "symbol-placement": "line", "text-size": 11.5 }, { "text-color": ink, "text-halo-color": road }, 12.5),
    label("river-names", kind("river", "canal"), { "symbol-placement": "line", "text-size": 12, "text-letter-spacing": 0.05 }, { "text-color": deep, "text-halo-color": water }, 10.5),
    label("water-names", kind("sea", "lagoon", "lake", "water"), { "text-size": 12, "text-letter-spacing": 0.05 }, { "text-color": deep, "text-halo-color": water }, 8.5),
    label("citadel-names", kind("citadel", "monument"), { "text-size": 11.5 }, { "text-color": purple, "text-halo-color": land }, 12),
    label("unit-names", kind("unit-name"), { "text-size": grows(1, 8, 10.5, 14, 14.5) }, { "text-color": ink, "text-halo-color": land }, 8.8),
  ];
  for (const layer of layers) if (layer.type !== "background") layer.source = "base";
  return { version: 8, sources: { base: { type: "geojson", data: base } }, layers };
}

function label(id, filter, layout, paint, minzoom) {
  return {
    id, type: "symbol", minzoom, filter: ["all", ["has", "name"], filter],
    layout: { "text-field": ["get", "name"], "text-font": ["Be Vietnam Pro"], "text-max-width": 7, "text-padding": 6, ...layout },
    paint: { "text-halo-width": 1.6, ...paint },
  };
}

const SOFT = { river: 3, canal: 2, lagoon: 3, lake: 3, sea: 2, coast: 2, road: 1, railway: 2 };

/** The pack's drawing has few points: its waters flow and its roads bend (Chaikin's corner cutting, n times). */
function soften(base) {
  const cut = (line, closed) => {
    const out = closed ? [] : [line[0]];
    for (let i = 0; i + 1 < line.length; i += 1) {
      const [[ax, ay], [bx, by]] = [line[i], line[i + 1]];
      out.push([ax * 0.75 + bx * 0.25, ay * 0.75 + by * 0.25], [ax * 0.25 + bx * 0.75, ay * 0.25 + by * 0.75]);
    }
    out.push(closed ? out[0] : line.at(-1));
    return out;
  };
  for (const { properties, geometry } of base.features) {
    for (let n = SOFT[properties.kind] ?? 0; n > 0; n -= 1) {
      if (geometry.type === "LineString") geometry.coordinates = cut(geometry.coordinates, false);
      if (geometry.type === "Polygon") geometry.coordinates = geometry.coordinates.map((ring) => cut(ring, true));
    }
  }
  return base;
}

/** A map in `box`, in the city's bounds; follows the theme. */
export async function create(node, box, options = {}) {
  const { Map: MapLibre, NavigationControl } = await load(node);
  const base = soften(await fetch(node.dataset.base).then((response) => response.json()));
  const [west, south, east, north] = numbers(node.dataset.bounds);
  const [lat, lon] = numbers(node.dataset.center);
  const pad = 0.15;
  const map = new MapLibre({
    container: box,
    style: style(base),
    center: [lon, lat],
    zoom: Number(node.dataset.zoom || 13) - 1,
    maxZoom: 18,
    maxBounds: west === undefined ? undefined : [[west - pad, south - pad], [east + pad, north + pad]],
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    cooperativeGestures: false,
    locale: {},
    ...options,
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "bottom-right");
  if (node.dataset.note) box.append(Object.assign(document.createElement("p"), { className: "map-note", textContent: node.dataset.note }));
  const themed = () => { const own = map.huesLayers?.(); map.setStyle(style(base)); if (own) map.once("styledata", own); };
  document.addEventListener("hues:theme", themed);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", themed);
  if (!map.loaded()) await new Promise((ready) => map.once("load", ready));
  return map;
}

/** Runs `start` when `node` is near the screen. */
export function whenSeen(node, start) {
  const watch = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) { watch.disconnect(); start(); }
  }, { rootMargin: "200px" });
  watch.observe(node);
}
export { token };
