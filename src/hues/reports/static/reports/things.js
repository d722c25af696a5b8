// Which lamp, drain or tree it is: those near the place that fit the kind, as chips to tap and dots on the map. Never needed.
/** `picked(ref)` is called when one is chosen ("lamp/NH-0231") or given up (""). */
export function setUpThings(form, { picked }) {
  const box = form.querySelector("[data-things]"), list = box.querySelector("div"), note = form.querySelector("[data-asset]");
  let things = [], chosen = "", given = false;

  function choose(ref) {
    chosen = ref === chosen ? "" : ref;
    draw();
    picked(chosen);
  }

  function draw() {
    box.hidden = given || !things.length;
    list.replaceChildren(...things.map(({ ref, label, m }) => {
      const chip = Object.assign(document.createElement("button"), { type: "button", className: "chip choice", textContent: `${label} · ${m} m` });
      chip.setAttribute("aria-pressed", ref === chosen);
      chip.addEventListener("click", () => choose(ref));
      return chip;
    }));
    document.dispatchEvent(new CustomEvent("hues:things", { detail: given ? [] : things.map((one) => ({ ...one, chosen: one.ref === chosen })) }));
  }
  document.addEventListener("hues:thing", ({ detail }) => choose(detail));

  return {
    /** What lies near now. What was chosen goes where it no longer fits. */
    offer(found = []) {
      things = found;
      if (chosen && !things.some(({ ref }) => ref === chosen)) { chosen = ""; picked(""); }
      draw();
    },
    /** A link, a QR code or a kept draft says which: nothing is offered then. */
    given(ref, label) {
      given = Boolean(ref);
      note.hidden = !given;
      note.querySelector("[data-asset-name]").textContent = label || ref || "";
      draw();
    },
  };
}
