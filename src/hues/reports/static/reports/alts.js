// What each photo shows, in its sender's words: for those who do not see it. Folded away, never asked for.
const MOST = 200; // characters that are kept

/** `changed(file, text)` is called when something was written about a file. */
export function setUpAlts(form, { changed }) {
  const fold = form.querySelector("[data-alts]");
  const fields = fold?.querySelector("[data-alt-fields]");
  const written = new WeakMap(); // File → what it shows
  const rows = new WeakMap();

  function row(file) {
    const address = URL.createObjectURL(file);
    const film = file.type.startsWith("video/");
    const picture = Object.assign(document.createElement(film ? "video" : "img"), film ? { muted: true, preload: "metadata" } : { alt: "" });
    picture.src = address;
    picture.setAttribute("aria-hidden", "true");
    const input = Object.assign(document.createElement("input"), { className: "input", type: "text", maxLength: MOST, value: written.get(file) ?? "", autocomplete: "off" });
    input.addEventListener("input", () => { written.set(file, input.value.trim()); });
    input.addEventListener("change", () => changed(file, input.value.trim()));
    const label = Object.assign(document.createElement("label"), { className: "alt-row" });
    const words = Object.assign(document.createElement("span"), { className: "label" });
    const text = document.createElement("span");
    text.append(words, input);
    label.append(picture, text);
    return { label, words };
  }

  function show(files) {
    if (!fold) return;
    const shown = files.map((file, i) => {
      if (!rows.has(file)) rows.set(file, row(file));
      const { label, words } = rows.get(file);
      words.textContent = fold.dataset.words.replace("{n}", i + 1);
      return label;
    });
    fields.replaceChildren(...shown);
    fold.hidden = files.length === 0;
  }

  return { show, of: (file) => written.get(file) ?? "", put: (file, text) => { if (text) written.set(file, text); } };
}
