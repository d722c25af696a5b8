// Narrows the list of kinds while typing. Without it, the Search button does the same on the server.
const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase();
const search = document.querySelector("[data-picker-search]");
if (search) {
  const options = [...document.querySelectorAll("[data-picker-words]")].map((el) => ({ el, words: fold(el.dataset.pickerWords + " " + el.textContent) }));
  const none = document.querySelector("[data-picker-none]");
  const narrow = () => {
    const asked = fold(search.value.trim()).split(/\s+/).filter(Boolean);
    for (const { el, words } of options) el.hidden = asked.length > 0 && !asked.every((word) => words.includes(word));
    for (const domain of document.querySelectorAll("[data-picker-domain]")) {
      const any = [...domain.querySelectorAll("[data-picker-words]")].some((el) => !el.hidden);
      domain.hidden = !any;
      if (asked.length && "open" in domain) domain.open = any;
    }
    if (none) none.hidden = options.some(({ el }) => !el.hidden);
  };
  search.addEventListener("input", narrow);
  if (search.value) narrow(); // typed before this script was here, or kept by the browser
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
}
