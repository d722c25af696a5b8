// Shows, before anything is sent, what the citizen will read; and says when the case has changed under one's hands.
for (const form of document.querySelectorAll("[data-step]")) {
  const preview = form.querySelector("[data-preview]");
  const text = form.querySelector("textarea");
  if (preview && text) {
    const show = () => { preview.textContent = text.value ? ` “${text.value}”` : ""; };
    text.addEventListener("input", show);
    show();
  }
}
