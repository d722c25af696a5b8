// Dictation, where the phone offers it (Web Speech API). The words are heard by the phone's own service, which is said before it listens.
const Recognition = globalThis.SpeechRecognition ?? globalThis.webkitSpeechRecognition;
const LANGUAGES = { vi: "vi-VN", en: "en-US" };
const AGREED = "speech-agreed";

for (const box of document.querySelectorAll("[data-speech]")) if (Recognition) setUp(box);

function setUp(box) {
  const words = JSON.parse(box.dataset.words);
  const area = box.closest(".field").querySelector("textarea");
  const button = box.querySelector("button");
  const label = box.querySelector("[data-label]");
  const status = box.querySelector("[data-interim]");
  const idle = label.textContent;
  let heard = null; // the recognition that is running

  const agreed = () => { try { return localStorage.getItem(AGREED) === "yes"; } catch { return false; } };
  const listening = (is) => { button.setAttribute("aria-pressed", String(is)); label.textContent = is ? words.stop : idle; };

  button.addEventListener("click", () => {
    if (heard) { heard.stop(); return; }
    if (!agreed()) {
      if (button.dataset.asked !== "yes") { button.dataset.asked = "yes"; status.textContent = words.consent; label.textContent = words.agree; return; }
      try { localStorage.setItem(AGREED, "yes"); } catch { /* asked again next time */ }
    }
    listen();
  });

  function listen() {
    heard = Object.assign(new Recognition(), { lang: LANGUAGES[document.documentElement.lang] ?? document.documentElement.lang, interimResults: true, continuous: true });
    const before = area.value ? `${area.value.trimEnd()} ` : "";
    let failed = "";
    heard.addEventListener("start", () => { listening(true); status.textContent = words.listening; });
    heard.addEventListener("result", ({ results }) => {
      const parts = [...results];
      const sure = parts.filter((part) => part.isFinal).map((part) => part[0].transcript).join(" ");
      area.value = (before + sure).slice(0, area.maxLength).replace(/\s+/g, " ");
      status.textContent = parts.filter((part) => !part.isFinal).map((part) => part[0].transcript).join(" ") || words.listening;
      area.dispatchEvent(new Event("input", { bubbles: true }));
    });
    heard.addEventListener("error", ({ error }) => { if (error !== "aborted") failed = words[error] ?? words.failed; });
    heard.addEventListener("end", () => {
      heard = null;
      listening(false);
      status.textContent = failed;
      document.dispatchEvent(new CustomEvent("hues:spoken"));
    });
    try { heard.start(); } catch { heard = null; listening(false); status.textContent = words.failed; }
  }

  addEventListener("pagehide", () => heard?.abort());
  box.hidden = false;
}
