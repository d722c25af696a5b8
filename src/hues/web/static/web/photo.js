// Photos before they are sent: shown, shrunk (a 12-megapixel photo of 5 MB becomes some 400 kB), removable; the place in the photo becomes a hint.
import { el, icon } from "./ui.js";
import { gps } from "./exif.js";

const LONGEST = 1920; // pixels: what the store keeps at most
for (const field of document.querySelectorAll("[data-photos]")) setUp(field);

function setUp(field) {
  const input = field.querySelector('input[type="file"]');
  const previews = field.querySelector("[data-previews]");
  const status = field.querySelector("[data-status]");
  const words = JSON.parse(field.dataset.words);
  const most = Number(field.dataset.max);
  let chosen = [];

  const put = () => {
    const transfer = new DataTransfer();
    for (const { file } of chosen) transfer.items.add(file);
    input.files = transfer.files;
    field.querySelector(".photo-add").hidden = chosen.length >= most;
    field.dispatchEvent(new CustomEvent("hues:photos", { bubbles: true, detail: { count: chosen.length } }));
  };

  const remove = (entry) => {
    chosen = chosen.filter((other) => other !== entry);
    entry.node.remove();
    URL.revokeObjectURL(entry.url);
    put();
    input.focus();
  };

  input.addEventListener("change", async () => {
    const files = [...input.files].filter((file) => !chosen.some((entry) => entry.file === file));
    status.textContent = "";
    for (const file of files) {
      if (chosen.length >= most) { status.textContent = words.many; break; }
      if (!file.type.startsWith("image/")) { status.textContent = words.bad; continue; }
      const entry = { file, url: URL.createObjectURL(file) };
      const image = el("img", { src: entry.url, alt: file.name });
      const button = el("button", { type: "button" }, icon("close"));
      button.setAttribute("aria-label", `${words.remove}: ${file.name}`);
      button.addEventListener("click", () => remove(entry));
      entry.node = el("li", { className: "photo-preview busy" }, image, button);
      previews.append(entry.node);
      chosen.push(entry);
      const [where, small] = await Promise.all([gps(file).catch(() => null), shrink(file).catch(() => file)]);
      entry.file = small;
      entry.node.classList.remove("busy");
      if (where) {
        status.textContent = words.place;
        document.dispatchEvent(new CustomEvent("hues:place", { detail: { ...where, source: "photo" } }));
      }
    }
    put();
  });
}

/** A JPEG of at most LONGEST pixels a side, upright; the file itself if that is smaller. Its EXIF stays behind. */
async function shrink(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = el("canvas", { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
  if (!blob || blob.size >= file.size) return file;
  return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg", lastModified: file.lastModified });
}
