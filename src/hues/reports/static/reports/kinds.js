// What it is about: three suggestions as cards to tap, all kinds behind "something else", and the questions of the chosen one.
import "./picker.js";
const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase();
const STILL = 700; // ms: nothing is exchanged under a finger that has just come down

/** `changed(byHand)` is called when another kind or answer is chosen. */
export function setUpKinds(form, words, { changed }) {
  const sheet = document.getElementById("kinds");
  const list = form.querySelector("[data-choices]");
  const told = form.querySelector("[data-offered]");
  const asks = form.querySelector("[data-asking]");
  const questions = form.querySelector("[data-questions]");
  const known = new Map([...sheet.querySelectorAll("[data-kind]")].map((card) => [card.dataset.kind, card]));
  let chosen = "", offered = [], touchedAt = -Infinity;

  list.addEventListener("pointerdown", () => { touchedAt = performance.now(); });
  list.addEventListener("change", ({ target }) => choose(target.value, {}, true));

  // Arrows walk through the kinds; a tap, Space or Enter takes one.
  let walking = false;
  const take = ({ target }) => { if (target.name === "kind" && !walking) { sheet.close(); choose(target.value, {}, true); } };
  sheet.addEventListener("keydown", (event) => { walking = event.key.startsWith("Arrow"); if (event.key === "Enter" && event.target.name === "kind") { event.preventDefault(); take(event); } });
  sheet.addEventListener("pointerdown", () => { walking = false; });
  sheet.addEventListener("click", take);

  function choose(code, answers = {}, byHand = false) {
    if (!known.has(code)) return;
    chosen = code;
    if (!offered.some((one) => one.code === code)) offered = [{ code, why: "" }, ...offered].slice(0, 3);
    draw();
    ask(answers);
    const { promise, visibility } = known.get(code).dataset;
    form.querySelector("[data-promised]").textContent = promise;
    for (const line of document.querySelectorAll("[data-sees]")) line.hidden = line.dataset.sees !== visibility;
    const calls = document.querySelector(`template[data-calls="${code}"]`);
    const called = form.querySelector("[data-called]");
    called.replaceChildren(...(calls ? [calls.content.cloneNode(true)] : []));
    called.hidden = !calls;
    const complaint = document.getElementById("e-category");
    complaint.hidden = true;
    complaint.textContent = told.textContent = "";
    document.getElementById("f-category").removeAttribute("aria-invalid");
    delete complaint.dataset.said;
    for (const card of known.values()) card.querySelector("input").checked = card.dataset.kind === code;
    changed(byHand);
  }

  function draw() {
    const at = list.contains(document.activeElement) && document.activeElement.value;
    list.replaceChildren(...offered.filter(({ code }) => known.has(code)).map(({ code, why }) => {
      const card = known.get(code).cloneNode(true);
      const input = card.querySelector("input");
      Object.assign(input, { name: "category", checked: code === chosen });
      card.removeAttribute("data-kind");
      card.removeAttribute("data-picker-words");
      card.hidden = false;
      if (why) card.querySelector(".option-text").append(Object.assign(document.createElement("span"), { className: "hint", textContent: why }));
      return card;
    }));
    if (at) list.querySelector(`[value="${at}"]`)?.focus();
  }

  /** Suggestions of the server: [{code, why}]. What is chosen stays. */
  function offer(choices) {
    if (chosen || !choices.length) return;
    if (choices.map(({ code, why }) => code + why).join() === offered.map(({ code, why }) => code + why).join()) return;
    const wait = STILL - (performance.now() - touchedAt);
    if (wait > 0) { setTimeout(() => offer(choices), wait); return; }
    offered = choices;
    draw();
    if (form.querySelector("[name=body]").value) told.textContent = told.dataset.words.replace("{kinds}", [...list.querySelectorAll(".option-label")].map((one) => one.textContent).join(", "));
  }

  /** Without a network: kinds whose words occur in the text, longest first. */
  function offerLocally(text) {
    const said = ` ${fold(text).replace(/[^a-z0-9]+/g, " ")} `;
    const scores = [...known.entries()].map(([code, card]) => {
      const hits = card.dataset.pickerWords.split("|").filter((word) => said.includes(` ${fold(word)} `));
      return { code, score: hits.reduce((sum, word) => sum + word.length, 0), why: "" };
    });
    const found = scores.filter(({ score }) => score).sort((a, b) => b.score - a.score).slice(0, 3);
    if (found.length) offer(found);
    else if (!offered.length) offer([...known.keys()].slice(0, 3).map((code) => ({ code, why: "" })));
  }

  function ask(answers) {
    const template = document.querySelector(`template[data-asks="${chosen}"]`);
    if (asks.dataset.of !== chosen) questions.replaceChildren(...(template ? [template.content.cloneNode(true)] : []));
    asks.dataset.of = chosen;
    asks.hidden = !template;
    asks.open = Boolean(questions.querySelector("[data-required]")) || known.get(chosen).dataset.group === "immediate";
    for (const [name, value] of Object.entries(answers ?? {})) put(`answer_${name}`, value);
  }

  function put(name, value) {
    const spoken = value === true ? "yes" : value === false ? "no" : value;
    for (const control of questions.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (control.type === "radio" || control.type === "checkbox") control.checked = [].concat(spoken).map(String).includes(control.value);
      else control.value = spoken;
    }
  }

  const names = () => [...new Set([...questions.querySelectorAll("[name]")].map(({ name }) => name))];
  function valueOf(name) {
    const controls = [...questions.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
    const marked = controls.filter(({ type, checked }) => (type === "radio" || type === "checkbox") && checked).map(({ value }) => value);
    if (controls[0].type === "checkbox" && controls[0].closest("fieldset")) return marked;
    return ["radio", "checkbox"].includes(controls[0].type) ? (marked[0] ?? "") : controls[0].value.trim();
  }

  return {
    choose, offer, offerLocally,
    chosen: () => chosen,
    option: () => known.get(chosen),
    answers: () => Object.fromEntries(names().map((name) => [name.slice("answer_".length), valueOf(name)]).filter(([, value]) => value.length)),
    unanswered: () => [...questions.querySelectorAll("[data-required] [name]")].map(({ name }) => name).filter((name, i, all) => all.indexOf(name) === i && !valueOf(name).length),
  };
}
