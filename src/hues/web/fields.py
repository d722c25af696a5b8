"""Form fields as data: what a process step, a category's question or a page asks for becomes one kind of dict, rendered by `{% field %}`."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

CONTROL_KEYS = (
    "placeholder",
    "autocomplete",
    "inputmode",
    "minlength",
    "maxlength",
    "min",
    "max",
    "step",
    "rows",
    "pattern",
    "accept",
    "multiple",
    "readonly",
    "autofocus",
)
INPUT_TYPES = {
    "text": "text",
    "phone": "tel",
    "code": "text",
    "password": "password",
    "email": "email",
    "number": "number",
    "date": "date",
    "datetime": "datetime-local",
    "file": "file",
    "hidden": "hidden",
    "search": "search",
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "phone": {"inputmode": "tel", "autocomplete": "tel"},
    "code": {"inputmode": "numeric", "autocomplete": "one-time-code", "pattern": "[0-9 ]*", "maxlength": 7},
    "email": {"autocomplete": "email"},
    "textarea": {"rows": 4},
}
# What others call the same things: the kinds of questions in a city pack and of step fields in a process definition.
SYNONYMS = {
    "choice": "radio",
    "choices": "checks",
    "multiple": "checks",
    "multichoice": "checks",
    "boolean": "check",
    "bool": "check",
    "yesno": "radio",
    "integer": "number",
    "int": "number",
    "decimal": "number",
    "long": "textarea",
    "longtext": "textarea",
    "string": "text",
    "tel": "phone",
    "files": "file",
}


def prepared(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A field with everything its template needs: ids, described-by, type, attributes, chosen options."""
    name = str(spec["name"])
    kind = SYNONYMS.get(str(spec.get("kind", "text")), str(spec.get("kind", "text")))
    value = spec.get("value")
    chosen = {str(v) for v in value} if isinstance(value, list | tuple | set) else {"" if value is None else str(value)}
    if spec.get("kind") == "yesno" and not spec.get("options"):
        spec = {**spec, "options": [("yes", _("Yes")), ("no", _("No"))]}
    options = [_option(option, chosen, f"f-{name}-{i}") for i, option in enumerate(spec.get("options") or ())]
    if kind == "radio" and len(options) > 8:
        kind = "select"
    described = [f"{mark}-{name}" for mark, key in (("h", "hint"), ("e", "error")) if spec.get(key)]
    attributes = {**DEFAULTS.get(kind, {}), **{k: spec[k] for k in CONTROL_KEYS if spec.get(k) is not None}}
    return {
        **spec,
        "name": name,
        "kind": kind,
        "type": INPUT_TYPES.get(kind, "text"),
        "value": "" if value is None else value,
        "checked": kind == "check" and value in (True, "1", "on", "true"),
        "options": options,
        "described": " ".join(described),
        "attributes": attributes,
    }


def _option(option: Any, chosen: set[str], html_id: str) -> dict[str, Any]:
    """An option may be a dict, a pair, or a bare value."""
    if isinstance(option, Mapping):
        row = dict(option)
    elif isinstance(option, list | tuple):
        row = {"value": option[0], "label": option[1]}
    else:
        row = {"value": option, "label": option}
    value = str(row.get("value", row.get("code", "")))
    return {**row, "value": value, "label": row.get("label", value), "chosen": value in chosen, "id": html_id}


def from_question(spec: Mapping[str, Any], value: Any, error: str, language: str) -> dict[str, Any]:
    """An extra question as the city pack writes it, in the reader's language."""
    if isinstance(value, bool):
        value = "yes" if value else "no"
    options = [
        {**option, "label": _text(option.get("labels") or option.get("label") or option.get("names"), language)}
        if isinstance(option, Mapping)
        else option
        for option in spec.get("options") or ()
    ]
    return {
        **spec,
        "name": f"answer_{spec['code']}",
        "label": _text(spec.get("labels") or spec.get("label") or spec.get("text") or spec["code"], language),
        "hint": _text(spec.get("hints") or spec.get("hint") or "", language),
        "kind": spec.get("kind") or spec.get("type") or "text",
        "options": options,
        "value": value,
        "error": error,
    }


def _text(value: Any, language: str) -> str:
    """A text that may be given by language."""
    if isinstance(value, Mapping):
        return str(value.get(language) or next(iter(value.values()), ""))
    return str(value or "")
