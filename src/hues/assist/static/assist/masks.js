// Hiding more of a photo: a box drawn with finger, pen or mouse becomes four numbers in per cent. Typing them works without this.
import { el, icon } from "../web/ui.js";

const stage = document.querySelector("[data-mask-stage]");
const form = document.querySelector("[data-masks]");
if (stage && form) setUp();

function setUp() {
  const boxes = stage.querySelector("[data-boxes]");
  const list = form.querySelector("[data-new]");
  const NAMES = ["left", "top", "width", "height"];
  let from = null, drawn = null, count = 0;

  form.querySelector("[data-draw-hint]").hidden = false;
  stage.classList.add("drawing");
  for (const tick of form.querySelectorAll('input[name="keep"]')) {
    tick.addEventListener("change", () => boxes.querySelector(`[data-box="${tick.value}"]`).classList.toggle("gone", !tick.checked));
  }

  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    stage.setPointerCapture(event.pointerId);
    from = place(event);
    drawn = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    drawn.setAttribute("class", "mask-box hand new");
    boxes.append(drawn);
  });
  stage.addEventListener("pointermove", (event) => { if (from) show(drawn, between(from, place(event))); });
  stage.addEventListener("pointerup", (event) => {
    if (!from) return;
    const box = between(from, place(event));
    if (box[2] < 0.8 || box[3] < 0.8) drawn.remove(); // a tap
    else keep(drawn, box);
    from = drawn = null;
  });
  stage.addEventListener("pointercancel", () => { drawn?.remove(); from = drawn = null; });

  function keep(rect, box) {
    count += 1;
    show(rect, box);
    const row = el("li", { className: "row tight" }, el("span", { textContent: `${form.dataset.wordBox} ${count}` }));
    NAMES.forEach((name, i) => row.append(el("input", { type: "hidden", name, value: box[i].toFixed(2) })));
    const button = el("button", { type: "button", className: "icon-button" }, icon("close"));
    button.setAttribute("aria-label", `${form.dataset.wordRemove} ${count}`);
    button.addEventListener("click", () => { rect.remove(); row.remove(); });
    row.append(button);
    list.append(row);
  }

  function place(event) {
    const area = stage.getBoundingClientRect();
    const within = (value) => Math.min(100, Math.max(0, value * 100));
    return [within((event.clientX - area.left) / area.width), within((event.clientY - area.top) / area.height)];
  }
}

const between = ([x, y], [u, v]) => [Math.min(x, u), Math.min(y, v), Math.abs(u - x), Math.abs(v - y)];

function show(rect, [x, y, width, height]) {
  for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, value);
}
