"""The page for leads: how good the suggestions are, by kind, and what is taken for what."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hues.assist import actions
from hues.assist.models import TriageModel
from hues.assist.triage import learning, store
from hues.assist.triage.material import CASES, KEYWORDS, SAMPLES
from hues.assist.triage.measuring import ASIDE
from hues.city import queries as city
from hues.kernel.actors import AUDITOR, LEAD, Actor
from hues.kernel.errors import NotFound
from hues.people.decorators import allowing

_SHOWN_PAIRS = 12
WEAK = 0.6  # recall below this is marked
ENOUGH_TO_JUDGE = 8  # sentences of a kind

readers = allowing(lambda actor: actor.has(LEAD, AUDITOR), "/staff/login")


@dataclass(frozen=True)
class Row:
    """One kind: how many sentences were asked, and the shares."""

    code: str
    name: str
    support: int
    recall: float
    precision: float
    top3: float

    @property
    def weak(self) -> bool:
        return self.support >= ENOUGH_TO_JUDGE and self.recall < WEAK


@require_GET
@readers
def quality(request: HttpRequest) -> HttpResponse:
    """Two statements beside what every page asks."""
    row = _of_setup() or learning.newest()
    actor: Actor = request.actor  # type: ignore[attr-defined]
    context: dict[str, Any] = {"model": row, "may_train": actions.may_train(actor), "lead": actor.has(LEAD)}
    if row is not None:
        context |= _about(row, request.GET.get("order", ""))
    return render(request, "assist/quality.html", context)


@require_POST
@readers
def train(request: HttpRequest) -> HttpResponse:
    """Have the worker train now."""
    actions.ask_to_train(actor=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("The assistant is learning. This page shows the new model in a minute or two."))
    return redirect("/desk/assist")


def _of_setup() -> TriageModel | None:
    """The model of the pack's phrases, as a row that is not stored, while the city has none of its own. It has no `trained_at`."""
    model, lesson = store.current(), store.lesson_of_setup()
    if model is None or lesson is None:
        return None
    return TriageModel(version=model.version, learned=lesson.learned, measured=lesson.measured or lesson.aside)


def _about(row: TriageModel, order: str) -> dict[str, Any]:
    measured, practice = row.measured, row.practice
    rows = [
        Row(code, name_of(code), int(one["support"]), one["recall"], one["precision"], one["top3"])
        for code, one in measured.get("classes", {}).items()
    ]
    rows.sort(key=lambda one: (0.0 if order == "code" else one.recall, one.code))
    asked = practice.get("asked", 0)
    return {
        "measured": measured if measured.get("asked") else None,
        "aside": ASIDE in measured.get("voices", {}),
        "learned": [{"what": _voice(name), "n": n} for name, n in _by_kind(row.learned).items()],
        "total": sum(row.learned.values()),
        "rows": rows,
        "order": order,
        "confused": [_pair(*pair) for pair in measured.get("confused", ())[:_SHOWN_PAIRS]],
        "asked": asked,
        "kept": practice.get("kept", 0) / asked if asked else None,
        "in_three": practice.get("in_three", 0) / asked if asked else None,
        "changed": [_pair(*pair) for pair in practice.get("changed", ())[:_SHOWN_PAIRS]],
        "steps": [{"said": said, "right": right, "n": n} for said, right, n in measured.get("sure", ())],
    }


def _by_kind(learned: dict[str, int]) -> dict[str, int]:
    """Voices of phrases together: how many people wrote is said apart."""
    kinds: dict[str, int] = {}
    for voice, n in learned.items():
        kind = voice if voice in (KEYWORDS, SAMPLES, CASES) else "phrases"
        kinds[kind] = kinds.get(kind, 0) + n
    return kinds


def _voice(name: str) -> str:
    return {
        KEYWORDS: _("names and keywords of the kinds"),
        SAMPLES: _("sample reports"),
        CASES: _("reports that operators classified"),
    }.get(name, _("phrases written for training"))


def _pair(meant: str, said: str, n: int) -> dict[str, Any]:
    return {"one": name_of(meant), "other": name_of(said), "n": n,
            "times": ngettext("%(n)s time", "%(n)s times", n) % {"n": n}}  # fmt: skip


def name_of(code: str) -> str:
    """A category's name; its code where the pack no longer has it."""
    try:
        return city.category(code).name(get_language() or "vi")
    except NotFound:
        return code
