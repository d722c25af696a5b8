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

/** A style of our own: land, water, roads and greens of the pack's drawing, borders and names of the units. */
export function style(base) {
  const [land, land2, water, line, road, ink, green] = ["land", "land-2", "water", "line", "road", "ink", "green"].map((name) => token(`--map-${name}`));
  const font = { "text-font": ["Be Vietnam Pro"], "text-max-width": 8 };
  const kind = (...names) => ["in", ["get", "kind"], ["literal", names]];
  const text = { "text-color": ink, "text-halo-color": land, "text-halo-width": 1.6 };
  return {
    version: 8,
    sources: { base: { type: "geojson", data: base } },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": land } },
      { id: "units", type: "fill", source: "base", filter: ["all", kind("unit"), ["==", ["geometry-type"], "Polygon"]], paint: { "fill-color": land2, "fill-opacity": 0.55 } },
      { id: "land", type: "fill", source: "base", filter: kind("land"), paint: { "fill-color": land2 } },
      { id: "green", type: "fill", source: "base", filter: kind("green", "park", "forest"), paint: { "fill-color": green } },
      { id: "water", type: "fill", source: "base", filter: ["all", kind("water", "sea", "lagoon", "river", "lake"), ["==", ["geometry-type"], "Polygon"]], paint: { "fill-color": water } },
      { id: "river", type: "line", source: "base", filter: ["all", kind("river", "canal", "water"), ["==", ["geometry-type"], "LineString"]], layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": water, "line-width": ["interpolate", ["exponential", 1.6], ["zoom"], 8, ["coalesce", ["get", "width"], 1.5], 15, ["*", ["coalesce", ["get", "width"], 1.5], 9]] } },
      { id: "borders", type: "line", source: "base", filter: kind("unit"), paint: { "line-color": line, "line-width": 1, "line-dasharray": [3, 2] } },
      { id: "coast", type: "line", source: "base", filter: kind("coast", "border"), paint: { "line-color": line, "line-width": 1.5 } },
      { id: "road-case", type: "line", source: "base", filter: kind("road", "rail"), layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": line, "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 9, 1.2, 16, 9] } },
      { id: "road", type: "line", source: "base", filter: kind("road"), layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": road, "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 9, 0.6, 16, 6.5] } },
      { id: "monument", type: "fill", source: "base", filter: ["all", kind("monument", "citadel"), ["==", ["geometry-type"], "Polygon"]], paint: { "fill-color": token("--gold"), "fill-opacity": 0.14, "fill-outline-color": token("--gold") } },
      { id: "unit-names", type: "symbol", source: "base", minzoom: 8.5, filter: kind("unit-name"), layout: { ...font, "text-field": ["get", "name"], "text-size": ["interpolate", ["linear"], ["zoom"], 9, 10.5, 14, 14] }, paint: text },
      { id: "names", type: "symbol", source: "base", minzoom: 9, filter: ["all", ["has", "name"], ["!", kind("unit", "unit-name")]], layout: { ...font, "text-field": ["get", "name"], "text-size": 11.5, "symbol-placement": ["match", ["geometry-type"], ["LineString", "MultiLineString"], "line", "point"] }, paint: { ...text, "text-opacity": 0.8 } },
    ],
  };
}

/** A map in `box`, in the city's bounds; follows the theme. */
export async function create(node, box, options = {}) {
  const { Map: MapLibre, NavigationControl } = await load(node);
  const base = await fetch(node.dataset.base).then((response) => response.json());
  const [west, south, east, north] = numbers(node.dataset.bounds);
  const [lat, lon] = numbers(node.dataset.center);
  const pad = 0.15;
  const map = new MapLibre({
    container: box,
    style: style(base),
    center: [lon, lat],
    zoom: 11.5,
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
