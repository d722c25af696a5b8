// The place that a camera wrote into a JPEG (EXIF 2.3, GPS IFD), read on the device before the photo is shrunk.

/** {lat, lon} of a JPEG file, or null. Reads only the head of the file. */
export async function gps(file) {
  const view = new DataView(await file.slice(0, 256 * 1024).arrayBuffer());
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 4 < view.byteLength;) {
    const marker = view.getUint16(at);
    if ((marker & 0xff00) !== 0xff00 || marker === 0xffda) return null;
    if (marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966) return fromTiff(new DataView(view.buffer, at + 10, Math.min(view.getUint16(at + 2) - 8, view.byteLength - at - 10)));
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

function fromTiff(tiff) {
  const little = tiff.getUint16(0) === 0x4949;
  const pointer = entries(tiff, tiff.getUint32(4, little), little).get(0x8825);
  if (!pointer) return null;
  const tags = entries(tiff, tiff.getUint32(pointer + 8, little), little);
  const lat = degrees(tiff, tags.get(2), little), lon = degrees(tiff, tags.get(4), little);
  if (lat === null || lon === null || (lat === 0 && lon === 0)) return null;
  const south = letter(tiff, tags.get(1)) === "S", west = letter(tiff, tags.get(3)) === "W";
  return { lat: south ? -lat : lat, lon: west ? -lon : lon };
}

/** Tag → offset of its entry. */
function entries(tiff, start, little) {
  const found = new Map();
  const count = tiff.getUint16(start, little);
  for (let i = 0; i < count; i += 1) found.set(tiff.getUint16(start + 2 + i * 12, little), start + 2 + i * 12);
  return found;
}

const letter = (tiff, entry) => (entry ? String.fromCharCode(tiff.getUint8(entry + 8)) : "");

/** Three fractions: degrees, minutes, seconds. */
function degrees(tiff, entry, little) {
  if (!entry) return null;
  const at = tiff.getUint32(entry + 8, little);
  const part = (i) => tiff.getUint32(at + i * 8, little) / (tiff.getUint32(at + i * 8 + 4, little) || 1);
  const value = part(0) + part(1) / 60 + part(2) / 3600;
  return Number.isFinite(value) && value <= 180 ? value : null;
}
