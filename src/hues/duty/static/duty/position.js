// Sharing one's position while on duty: begins with a press, never by itself, and ends with the shift.
const EVERY = 60_000; // milliseconds between two notes of somebody who stays where they are
const FAR = 50; // metres that are told at once

const metres = (a, b) => Math.hypot((a.latitude - b.latitude) * 111_320, (a.longitude - b.longitude) * 111_320 * Math.cos((a.latitude * Math.PI) / 180));

for (const card of document.querySelectorAll("[data-duty-position]")) {
  const words = card.dataset;
  const status = card.querySelector("[data-status]");
  const [start, stop] = [card.querySelector("[data-start]"), card.querySelector("[data-stop]")];
  const token = card.querySelector("[name=csrfmiddlewaretoken]").value;
  let watch, last, told = 0;

  const ask = async (fields) => {
    const body = fields && new URLSearchParams(fields);
    const response = await fetch(words.url, { method: body ? "POST" : "GET", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
    if (!response.ok) throw Object.assign(new Error(String(response.status)), { status: response.status });
    return response.json();
  };

  const show = (state) => {
    card.hidden = !state.on_duty && !state.sharing;
    start.hidden = state.sharing;
    stop.hidden = !state.sharing;
    status.textContent = state.sharing ? words.on.replace("{time}", state.until_text) : words.off;
    if (state.sharing && watch === undefined) follow();
    if (!state.sharing) rest();
  };

  const rest = () => {
    if (watch !== undefined) navigator.geolocation.clearWatch(watch);
    watch = last = undefined;
  };

  const note = async ({ coords }) => {
    const now = Date.now();
    if (last && metres(last, coords) < FAR && now - told < EVERY) return;
    [last, told] = [coords, now];
    try {
      show(await ask({ do: "note", lat: coords.latitude, lon: coords.longitude, accuracy_m: Math.min(Math.round(coords.accuracy), 5000) }));
    } catch (error) {
      if (error.status === 403) show(await ask().catch(() => ({ on_duty: false, sharing: false }))); // the shift is over
      else { status.textContent = words.failed; told = 0; }
    }
  };

  const follow = () => {
    watch = navigator.geolocation.watchPosition(note, async (problem) => {
      if (problem.code !== problem.PERMISSION_DENIED) return;
      rest();
      show(await ask({ do: "stop" }).catch(() => ({ on_duty: true, sharing: false })));
      status.textContent = words.denied;
    }, { enableHighAccuracy: true, maximumAge: 15_000 });
  };

  start.addEventListener("click", async () => {
    status.textContent = words.wait;
    try { show(await ask({ do: "start" })); } catch { status.textContent = words.failed; }
  });
  stop.addEventListener("click", async () => {
    rest();
    try { show(await ask({ do: "stop" })); } catch { status.textContent = words.failed; }
  });
  if ("geolocation" in navigator) ask().then(show).catch(() => {});
}
