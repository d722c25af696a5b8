// Photos and videos before they are sent: shown, shrunk (a 12-megapixel photo of 5 MB becomes some 400 kB), removable; the place in a photo becomes a hint.
import { el, icon } from "./ui.js";
import { gps } from "./exif.js";

const LONGEST = 1920; // pixels: what the store keeps at most
const VIDEO_SECONDS = 60.9; // sixty and what a phone adds
const JUST_NOW = 15 * 6e4; // a photo taken so recently was taken here
let underway = Promise.resolve();

/** Settles when every photo that was chosen so far is shrunk and ready to be sent. */
export const ready = () => underway;

for (const field of document.querySelectorAll("[data-photos]")) setUp(field);

function setUp(field) {
  const inputs = [...field.querySelectorAll('input[type="file"]')];
  const keeper = inputs.at(-1); // whose `files` are what a plain form would send
  const previews = field.querySelector("[data-previews]");
  const status = field.querySelector("[data-status]");
  const words = JSON.parse(field.dataset.words);
  const most = Number(field.dataset.max);
  let chosen = [];

  /** What each one is called when it is heard: by its place in the row, never by its file's name. */
  const call = () => chosen.forEach(({ node }, i) => {
    const [picture, button] = node.children;
    const name = (picture.tagName === "VIDEO" ? `${words.film} {n}` : words.one).replace("{n}", i + 1);
    picture.setAttribute(picture.tagName === "VIDEO" ? "aria-label" : "alt", name);
    button.setAttribute("aria-label", `${words.remove}: ${name}`);
  });
  const count = () => { status.textContent = words.count.replace("{n}", chosen.length); };

  const put = () => {
    call();
    const transfer = new DataTransfer();
    for (const { file } of chosen) transfer.items.add(file);
    keeper.files = transfer.files;
    for (const input of inputs) if (input !== keeper) input.value = "";
    for (const button of field.querySelectorAll(".photo-add")) button.hidden = chosen.length >= most;
    field.classList.toggle("has-photos", chosen.length > 0);
    field.dispatchEvent(new CustomEvent("hues:photos", { bubbles: true, detail: { count: chosen.length, files: chosen.map(({ file }) => file) } }));
  };

  const remove = (entry) => {
    chosen = chosen.filter((other) => other !== entry);
    entry.node.remove();
    URL.revokeObjectURL(entry.url);
    put();
    count();
    keeper.focus();
  };

  const show = (file) => {
    const entry = { file, url: URL.createObjectURL(file) };
    const film = file.type.startsWith("video/");
    const picture = film ? el("video", { src: entry.url, muted: true, playsInline: true, preload: "metadata" }) : el("img", { src: entry.url });
    const button = el("button", { type: "button" }, icon("close"));
    button.addEventListener("click", () => remove(entry));
    entry.node = el("li", { className: "photo-preview busy" }, picture, button);
    previews.append(entry.node);
    chosen.push(entry);
    call();
    return entry;
  };

  const take = async (files, camera) => {
    status.textContent = "";
    for (const file of files) {
      const film = Boolean(words.long) && file.type.startsWith("video/");
      if (chosen.length >= most) { status.textContent = words.many; break; }
      if (!film && !file.type.startsWith("image/")) { status.textContent = words.bad; continue; }
      const entry = show(file);
      if (film) await measure(entry, words, () => { remove(entry); status.textContent = words.long; });
      else await prepare(entry, camera);
      entry.node.classList.remove("busy");
    }
    put();
    if (!status.textContent) count();
  };

  const prepare = async (entry, camera) => {
    const { file } = entry;
    const [where, small] = await Promise.all([gps(file).catch(() => null), shrink(file).catch(() => file)]);
    entry.file = small;
    if (where) {
      status.textContent = words.place;
      document.dispatchEvent(new CustomEvent("hues:place", { detail: { ...where, source: "photo" } }));
    } else if (camera || Date.now() - file.lastModified < JUST_NOW) {
      document.dispatchEvent(new CustomEvent("hues:taken-here"));
    }
  };

  for (const input of inputs) {
    input.addEventListener("change", () => {
      const files = [...input.files].filter((file) => !chosen.some((entry) => entry.file === file));
      underway = underway.then(() => take(files, input.hasAttribute("capture"))).catch((error) => { status.textContent = words.bad; console.warn(error); });
    });
  }
  field.addEventListener("hues:put-photos", ({ detail }) => { // kept in a draft: they are ready as they are
    for (const file of detail) show(file).node.classList.remove("busy");
    put();
  });
}

/** How long a video is; shown on it. Calls `refuse` for one that is too long. */
async function measure(entry, words, refuse) {
  const film = entry.node.querySelector("video");
  const seconds = await new Promise((done) => {
    film.addEventListener("loadedmetadata", () => done(film.duration), { once: true });
    film.addEventListener("error", () => done(NaN), { once: true }); // not playable here: the server looks
    setTimeout(() => done(NaN), 8000);
  });
  if (seconds > VIDEO_SECONDS && Number.isFinite(seconds)) { refuse(); return; }
  const length = Number.isFinite(seconds) ? `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, "0")}` : words.film;
  entry.node.append(el("span", { className: "photo-length" }, icon("video"), length));
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
