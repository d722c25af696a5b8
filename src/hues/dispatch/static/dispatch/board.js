// The map beside the board follows its cards, and a card in focus is shown on the map.
const board = document.querySelector("[data-dispatch-board]");
const frame = document.querySelector(".dispatch-map [data-map]");

board?.addEventListener("hues:refreshed", () => {
  const points = JSON.parse(board.querySelector("[data-points]")?.dataset.points || "[]");
  const source = frame?.huesMap?.getSource?.("cases");
  const features = points.map((point) => ({ type: "Feature", properties: point, geometry: { type: "Point", coordinates: [point.lon, point.lat] } }));
  if (!source) return;
  frame.huesMap.huesData = { type: "FeatureCollection", features };
  source.setData(frame.huesMap.huesData);
});

board?.addEventListener("focusin", ({ target }) => {
  const code = target.closest("[data-row]")?.href.split("/").pop();
  const point = JSON.parse(board.querySelector("[data-points]")?.dataset.points || "[]").find((one) => one.code === code);
  if (point && frame?.huesMap) frame.huesMap.easeTo({ center: [point.lon, point.lat], duration: 150 });
});
