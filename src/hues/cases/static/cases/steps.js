// The forms of steps: fields that do not apply are hidden, and what the citizen will read follows what is typed.
const words = (control) => {
  if (control.type === "radio") return control.closest("label").textContent.trim();
  if (control.tagName === "SELECT") return control.value ? control.selectedOptions[0].textContent.trim() : "";
  return control.value.trim();
};
const chosen = (form, name) => [...form.querySelectorAll(`[name="${name}"]`)].find((one) => one.type !== "radio" || one.checked);

function follow(form) {
  for (const part of form.querySelectorAll("[data-when]")) {
    const wanted = Object.entries(JSON.parse(part.dataset.when));
    part.hidden = !wanted.every(([name, values]) => values.includes(chosen(form, name)?.value ?? ""));
  }
  for (const part of form.querySelectorAll("[data-shows]")) {
    const control = chosen(form, part.dataset.shows);
    part.textContent = (control && words(control)) || "…";
  }
}

document.addEventListener("input", ({ target }) => { if (target.form?.matches("[data-step]")) follow(target.form); });
const followAll = () => document.querySelectorAll("form[data-step]").forEach(follow);
document.addEventListener("hues:refreshed", followAll);
followAll();

// A step that opens is brought into view.
for (const step of document.querySelectorAll("details.step")) {
  step.addEventListener("toggle", () => { if (step.open) step.scrollIntoView({ block: "nearest" }); });
}
