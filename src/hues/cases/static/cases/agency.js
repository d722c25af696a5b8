// Ticks that tick all.
document.addEventListener("change", (event) => {
  const box = event.target.closest("[data-all]");
  if (box) for (const one of document.querySelectorAll(`input[name="${box.dataset.all}"]`)) one.checked = box.checked;
});
