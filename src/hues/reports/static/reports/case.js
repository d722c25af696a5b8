// A case's page: sharing where the device can, and printing. Delegated, because the live part is fetched anew.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-prints]")) window.print();
  if (event.target.closest(".share .menu-list button")) event.target.closest("details")?.removeAttribute("open");
});

function fit() {
  if (!navigator.share) for (const button of document.querySelectorAll("[data-share]")) button.hidden = true;
}
fit();
document.addEventListener("hues:refreshed", fit);
