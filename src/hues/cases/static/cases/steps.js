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

// A hint is taken over into the form of a step: filled in and opened, sent by nobody but the reader. Without scripts it is a link.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-fills]");
  const step = link && document.getElementById(`step-${link.dataset.fills}`);
  if (!step) return;
  event.preventDefault();
  for (const [name, value] of new URL(link.href).searchParams) {
    const control = chosen(step.querySelector("form"), name);
    if (control?.matches("select, input[type=text]")) control.value = value;
  }
  step.open = true;
  followAll();
  step.querySelector("form .button").focus();
});

// A step that opens is brought into view.
for (const step of document.querySelectorAll("details.step")) {
  step.addEventListener("toggle", () => { if (step.open) step.scrollIntoView({ block: "nearest" }); });
}
