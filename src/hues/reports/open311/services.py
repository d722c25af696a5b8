"""GET services and GET services/{code}: the city's categories, and their questions as attributes."""

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import reference
from hues.city import pack
from hues.city.memory import remembered
from hues.city.models import Category
from hues.kernel.errors import NotFound

# GeoReport v2, "GET Service Definition", datatype: what our types of questions are there.
DATATYPES = {
    "text": "text",
    "number": "number",
    "choice": "singlevaluelist",
    "multichoice": "multivaluelist",
    "yesno": "singlevaluelist",
    "datetime": "datetime",
    "phone": "string",
}
YES, NO = "true", "false"


@remembered
def categories() -> dict[str, Category]:
    """Active categories by code, in the city's order."""
    active = (category for category in reference.categories().values() if category.active)
    return {category.code: category for category in sorted(active, key=lambda c: (c.position, c.code))}


def language() -> str:
    return get_language() or "vi"


def pick(texts: dict[str, Any], default: Any = "") -> Any:
    """The text in the reader's language, or in whichever there is."""
    return texts.get(language()) or next(iter(texts.values()), default)


def jurisdiction_id() -> str:
    return str(pack.settings().get("jurisdiction") or "")


def find_service(code: str) -> Category:
    """Raises NotFound."""
    category = categories().get(code)
    if category is None:
        raise NotFound(_("service_code %(code)s was not found.") % {"code": code[:64]})
    return category


def service_list() -> list[dict[str, Any]]:
    return [
        {
            "service_code": category.code,
            "service_name": category.name(language()),
            "description": f"{pick(category.domain_names)}: {category.name(language())}",
            "metadata": bool(category.questions),
            "type": "realtime",  # the number of the request is in the answer to POST
            "keywords": ", ".join(pick(category.keywords, [])),
            "group": pick(category.domain_names),
        }
        for category in categories().values()
    ]


def service_definition(code: str) -> dict[str, Any]:
    """Raises NotFound. A service without questions has a definition without attributes."""
    category = find_service(code)
    attributes = [_attribute(question, place) for place, question in enumerate(category.questions, 1)]
    return {"service_code": category.code, "attributes": attributes}


def _attribute(question: dict[str, Any], order: int) -> dict[str, Any]:
    attribute: dict[str, Any] = {
        "variable": True,
        "code": question["code"],
        "datatype": DATATYPES[question["type"]],
        "required": bool(question.get("required")),
        "datatype_description": pick(question.get("hints") or {}) or None,
        "order": order,
        "description": pick(question["labels"]),
    }
    if question["type"] == "yesno":
        attribute["values"] = [{"key": YES, "name": _("Yes")}, {"key": NO, "name": _("No")}]
    elif question.get("options"):
        attribute["values"] = [{"key": o["value"], "name": pick(o["labels"])} for o in question["options"]]
    return attribute


def answers_of(category: Category, sent: dict[str, list[str]]) -> dict[str, Any]:
    """`attribute[CODE]` values as answers: of several values the last, or all where the question takes them.

    The questions themselves judge the values, and refuse codes that they do not know.
    """
    several = {question["code"] for question in category.questions if question["type"] == "multichoice"}
    return {code: _listed(values) if code in several else values[-1] for code, values in sent.items() if any(values)}


def _listed(values: list[str]) -> list[str]:
    """attribute[a][]=x&attribute[a][]=y, and from some clients attribute[a]=x,y."""
    return [part.strip() for text in values for part in text.split(",") if part.strip()]
