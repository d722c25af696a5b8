"""The forms of filing, and the words around them: what a page asks, what it understood, what it shows again."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from hues.cases.pages.words import answers as answers_in_words
from hues.city import queries as city
from hues.city import questions
from hues.city.models import Category
from hues.kernel.errors import Invalid, NotFound
from hues.reports.actions import point_of_address
from hues.reports.checks import MAX_ASSET, MAX_BODY
from hues.reports.models import ReportDraft

SUGGESTIONS = 6


def language() -> str:
    return get_language() or "vi"


def category_of(code: str) -> Category | None:
    """The category with this code, if it is still offered."""
    try:
        found = city.category(code)
    except NotFound:
        return None
    return found if found.active else None


# Step 1: where


def prefilled(parameters: QueryDict) -> dict[str, Any]:
    """What a link or a QR code may fill in beforehand: ?category=…&lat=…&lon=…&asset=…&place=… (`address` is the same
    as `place`); anything odd is left out.
    """
    data: dict[str, Any] = {}
    kind = category_of(parameters.get("category", ""))
    if kind is not None:
        data["category"] = kind.code
    point = numbers(parameters.get("lat"), parameters.get("lon"))
    if point and city.unit_at(*point):
        data |= {"lat": point[0], "lon": point[1], "place_source": "map"}
    for name, sent, limit in (
        ("address", parameters.get("place") or parameters.get("address", ""), 200),
        ("asset", parameters.get("asset", ""), MAX_ASSET),
        ("for_other", parameters.get("for", ""), 36),
    ):
        text = " ".join(sent.split())
        if text and len(text) <= limit and text.isprintable():
            data[name] = text
    return data


def numbers(lat: str | None, lon: str | None) -> tuple[float, float] | None:
    try:
        return float(lat or ""), float(lon or "")
    except ValueError:
        return None


def place_of(post: QueryDict) -> dict[str, Any]:
    """The place as the form sent it: a point if one was set, an address if one was typed."""
    data: dict[str, Any] = {"address": post.get("address", "").strip()}
    chosen = post.get("suggestion", "")
    point = numbers(*chosen.split(",", 1)) if "," in chosen else numbers(post.get("lat"), post.get("lon"))
    source = post.get("place_source", "") or post.get("source", "")
    if point:
        data |= {
            "lat": point[0],
            "lon": point[1],
            "place_source": source if source in {"photo", "device", "map"} else "address",
        }
    return data


def typed_besides(post: QueryDict, known: Mapping[str, Any]) -> dict[str, Any]:
    """What the one page sends with the place where its script did not come: text and kind."""
    data: dict[str, Any] = {name: post[name] for name in ("asset", "for_other") if post.get(name)}
    if "body" in post:
        data |= what_of(post, known)
    return data


def check_place(data: Mapping[str, Any]) -> dict[str, str]:
    lat, lon = data.get("lat"), data.get("lon")
    if lat is None or lon is None:
        return {}
    if not (-90 <= lat <= 90 and -180 <= lon <= 180) or city.unit_at(lat, lon) is None:
        return {"address": _("This place is outside the city. We can only handle what is inside it.")}
    return {}


def find_point(draft: ReportDraft, data: dict[str, Any]) -> dict[str, str]:
    """Without a point, the one of the typed address; `data` gets it. Complains where nothing says where."""
    if data.get("lat") is not None or draft.data.get("lat") is not None:
        return {}
    if not data.get("address"):
        return {"address": _("Where is it? Tap the map, use your position, or type an address.")}
    point = point_of_address(data["address"])
    if point:
        data |= {"lat": point[0], "lon": point[1], "place_source": "address"}
    return {}


def place_options(post: QueryDict) -> dict[str, Any] | None:
    """Without scripts: places that the typed words may mean, to choose from."""
    text = post.get("address", "").strip()
    if not text or post.get("lat"):
        return None
    found = city.find_places(text, language(), 5)
    if len(found) < 2:
        return None
    return {
        "name": "suggestion",
        "label": _("Did you mean one of these?"),
        "kind": "radio",
        "options": [{"value": f"{hit.lat!r},{hit.lon!r}", "label": hit.label} for hit in found],
    }


def place_text(data: Mapping[str, Any]) -> str:
    if data.get("lat") is None:
        return _("No place on the map")
    return _("A point on the map") + f" ({data['lat']:.5f}, {data['lon']:.5f})"


# Step 2: what


def what_of(post: QueryDict, known: Mapping[str, Any]) -> dict[str, Any]:
    """The text, category and answers as sent; answers are read by the chosen category's questions."""
    code = post.get("category", "")[:64] or str(known.get("category") or "")
    kind = category_of(code)
    answers = _answers(post, kind) if kind else {}
    return {"body": post.get("body", ""), "category": kind.code if kind else "", "answers": answers}


def _answers(post: QueryDict, kind: Category) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for question in kind.questions:
        name = f"answer_{question['code']}"
        if question["type"] == "multichoice":
            values: Any = post.getlist(name)
        elif question["type"] == "yesno":
            values = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}.get(
                post.get(name, ""), ""
            )
        else:
            values = post.get(name, "").strip()
        if values not in ("", [], None):
            answers[question["code"]] = values
    return answers


def check_what(data: Mapping[str, Any], kind: Category | None, *, has_photos: bool, ask_first: bool) -> dict[str, str]:
    """Complaints by field of the page."""
    errors: dict[str, str] = {}
    if kind is None:
        errors["category"] = _("Choose what it is about.")
    if not data.get("body") and not has_photos:
        errors["body"] = _("Please say what is wrong, or add a photo.")
    if kind is not None and not ask_first:
        try:
            questions.check(kind, data.get("answers") or {}, language())
        except Invalid as problem:
            errors |= {name.replace("answers.", "answer_"): text for name, text in problem.fields.items()}
    return errors


def page_fields(problem: Invalid) -> dict[str, str]:
    """The action's field names as the page's; what has no field is said above the form."""
    fields = {name.replace("answers.", "answer_"): text for name, text in problem.fields.items()}
    if not fields and problem.detail:
        fields["page"] = problem.detail
    return fields


def body_field(value: Any, error: str) -> dict[str, Any]:
    return {
        "name": "body",
        "label": _("In your words"),
        "hint": _("What is wrong, since when, what could happen. Do not name people."),
        "kind": "textarea",
        "value": value or "",
        "error": error,
        "rows": 4,
        "maxlength": MAX_BODY,
        "counter": True,
    }


def shown_category(kind: Category | None) -> dict[str, Any] | None:
    if kind is None:
        return None
    return {
        "code": kind.code,
        "name": kind.name(language()),
        "domain": kind.domain_names.get(language()) or kind.domain,
        "group": kind.process_group,
        "visibility": kind.visibility,
        "promise": promise(kind),
    }


def promise(kind: Category) -> str:
    """How long the city gives itself, in words; the real due date comes with the case."""
    whole = _within(kind.target)
    first = (kind.first_target or {}).get("minutes", 0)
    if first and first % 60 == 0:
        begun = ngettext("first help within %(n)s hour", "first help within %(n)s hours", first // 60)
        return f"{begun % {'n': first // 60}} · {whole}"
    return whole


def _within(target: Mapping[str, Any]) -> str:
    if "working_days" in target:
        days = target["working_days"]
        return ngettext("answered within %(n)s working day", "answered within %(n)s working days", days) % {"n": days}
    minutes = target.get("working_minutes") or target.get("minutes") or 0
    if minutes >= 2880 and minutes % 1440 == 0 and "working_minutes" not in target:
        return ngettext("handled within %(n)s day", "handled within %(n)s days", minutes // 1440) % {
            "n": minutes // 1440
        }
    if minutes >= 120 and minutes % 60 == 0:
        hours = minutes // 60
        words = (
            ngettext("answered within %(n)s working hour", "answered within %(n)s working hours", hours)
            if "working_minutes" in target
            else ngettext("handled within %(n)s hour", "handled within %(n)s hours", hours)
        )
        return words % {"n": hours}
    return ngettext("handled within %(n)s minute", "handled within %(n)s minutes", minutes) % {"n": minutes}


def shown_questions(
    kind: Category | None, answers: Mapping[str, Any], errors: Mapping[str, str]
) -> list[dict[str, Any]]:
    if kind is None:
        return []
    return [
        {
            "ask": question,
            "value": _typed(answers.get(question["code"])),
            "error": errors.get(f"answer_{question['code']}", ""),
        }
        for question in kind.questions
    ]


def _typed(value: Any) -> Any:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def shown_answers(kind: Category | None, answers: Mapping[str, Any]) -> list[dict[str, str]]:
    """Answers in words, in the order of the questions; what was not answered is left out."""
    return answers_in_words(kind.questions, answers) if kind else []


def picker(look: str, chosen: bool) -> dict[str, Any]:
    """The kinds to choose from: what the words suggest first, then all by family."""
    if chosen:
        return {}
    found = city.search_categories(look, language(), SUGGESTIONS) if look.strip() else []
    return {
        "suggested": [{"code": row.code, "name": row.name(language()), "icon": row.icon} for row in found],
        "domains": city.categories(language()),
    }


# Step 3: who


def anonymous_field(value: Any) -> dict[str, Any]:
    return {
        "name": "anonymous",
        "label": _("Do not show my pseudonym in public"),
        "kind": "check",
        "value": "1" if value else "",
    }


def phone_field(value: str, error: str) -> dict[str, Any]:
    return {
        "name": "phone",
        "label": _("Mobile number"),
        "hint": _(
            "We send a code to be sure that you are reachable. The number stays in the vault; agencies never see it."
        ),
        "kind": "phone",
        "value": value[:30],
        "error": error,
        "required": True,
        "maxlength": 20,
    }


def code_field(error: str) -> dict[str, Any]:
    return {
        "name": "code",
        "label": _("The 6 digits"),
        "kind": "code",
        "error": error,
        "required": True,
        "autofocus": True,
    }
