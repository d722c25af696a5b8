// Reports nearby that may be about the same: looked up while the form is filled in, shown once before it is sent.
const PATIENCE = 1500; // ms that sending waits for an answer that has not come yet

export function setUpNear(form) {
  const sheet = document.getElementById("near");
  const cards = sheet.querySelector("[data-cards]");
  let asked = "", answer = Promise.resolve(""), settled = null; // settled: what was answered for the cards that were shown

  const question = (point) => JSON.stringify({ ...point, category: form.querySelector("[name=category]:checked")?.value ?? "", text: form.querySelector("[name=body]").value });

  async function look(body) {
    const response = await fetch("/report/near", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    return response.status === 200 ? response.text() : "";
  }

  /** Begin to look as soon as place and kind are known. */
  function prepare(point) {
    const body = point && question(point);
    if (!body || !JSON.parse(body).category || body === asked) return;
    asked = body;
    settled = null;
    answer = look(body).catch(() => "");
  }

  /** The code that was chosen, "" for none, null where the sheet was closed without an answer. */
  async function ask(point) {
    if (!point || navigator.onLine === false) return "";
    prepare(point);
    if (settled !== null) return settled;
    const found = await Promise.race([answer, new Promise((done) => setTimeout(done, PATIENCE, ""))]);
    if (!found) return "";
    cards.innerHTML = found; // our own server's page
    sheet.showModal();
    sheet.scrollTop = 0;
    return new Promise((done) => {
      const finish = (value) => { sheet.removeEventListener("click", pick); sheet.removeEventListener("close", away); settled = value; sheet.close(); done(value); };
      const pick = ({ target }) => {
        const card = target.closest("[data-joins]");
        if (card) finish(card.dataset.joins);
        else if (target.closest("[data-not-same]")) finish("");
      };
      const away = () => finish(null);
      sheet.addEventListener("click", pick);
      sheet.addEventListener("close", away);
    });
  }

  return { prepare, ask };
}
