// Talking with the server: what it refuses comes back as an error that says why.
const body = document.body;

export class Refused extends Error {
  constructor(status, problem) {
    super(Object.values(problem.errors ?? problem.fields ?? {})[0] ?? problem.detail ?? problem.title ?? String(status));
    this.status = status;
    this.fields = problem.errors ?? problem.fields ?? {};
  }
}

/** POST as JSON; resolves to the answer's JSON, or null for 204. Rejects with Refused, or TypeError without a connection. */
export async function post(url, data, options = {}) {
  const response = await fetch(url, {
    method: "POST", credentials: "same-origin", ...options,
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": body.dataset.csrf }, body: JSON.stringify(data),
  });
  if (!response.ok) throw new Refused(response.status, await response.json().catch(() => ({})));
  return response.status === 204 ? null : response.json();
}

/** A fragment as a node; null for 204. */
export async function fragment(url, data) {
  const options = { credentials: "same-origin", headers: { "HX-Request": "true", Accept: "text/html" } };
  if (data) Object.assign(options, { method: "POST", headers: { ...options.headers, "Content-Type": "application/json", "X-CSRFToken": body.dataset.csrf }, body: JSON.stringify(data) });
  const response = await fetch(url, options);
  if (!response.ok) throw new Refused(response.status, await response.json().catch(() => ({})));
  if (response.status === 204) return null;
  const template = document.createElement("template");
  template.innerHTML = await response.text();
  return template.content.querySelector("[data-case]");
}

export async function json(url) {
  const response = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } });
  if (!response.ok) throw new Refused(response.status, await response.json().catch(() => ({})));
  return response.json();
}

/** A sentence of the page with its gaps filled. */
export const say = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
