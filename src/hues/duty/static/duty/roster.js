// A choice that shows at once what was chosen.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});
for (const node of document.querySelectorAll("[data-submits]")) node.form.querySelector("button")?.classList.add("visually-hidden");
