// Photos that another app shares with this one (manifest: share_target) become a draft; nothing is sent before its owner says so.
async function shared(request) {
  const form = await request.formData().catch(() => null);
  if (!form) return Response.redirect("/report", 303);
  const files = form.getAll("photos").filter((file) => file.size && /^(image|video)\//.test(file.type)).slice(0, 4);
  const body = [form.get("title"), form.get("text"), form.get("url")].filter(Boolean).join("\n").slice(0, 4000);
  const media = files.map((file) => ({ id: crypto.randomUUID(), name: file.name, type: file.type, blob: file, alt: "" }));
  try {
    const draft = await drafts.put({ fields: body ? { body } : {}, media });
    return Response.redirect(`/report?draft=${draft.id}`, 303);
  } catch {
    return Response.redirect("/report", 303); // the device is full or keeps nothing: begin without
  }
}
