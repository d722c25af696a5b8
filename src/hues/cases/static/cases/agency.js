// Ticks that tick all, and a choice that shows its page at once.
document.addEventListener("change", (event) => {
  const box = event.target.closest("[data-all]");
  if (box) for (const one of document.querySelectorAll(`input[name="${box.dataset.all}"]`)) one.checked = box.checked;
  const choice = event.target.closest("[data-submits]");
  if (choice) choice.form.requestSubmit();
});
