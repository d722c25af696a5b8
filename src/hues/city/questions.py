"""A category's extra questions: one schema for pages, APIs and Open311, and the one place that checks the answers.

    {"code": "pole", "type": "text", "labels": {"vi": …, "en": …}, "hints": {…}, "required": false, "private": false,
     "options": [{"value": "one", "labels": {…}}], "min": 0, "max": 100, "max_length": 30}

Types: text, number, choice, multichoice, yesno, datetime (with zone, or the city's own), phone. `private` answers are never public.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from hues.city import clock as city_clock
from hues.city.models import Category
from hues.kernel import clock
from hues.kernel.errors import Invalid
from hues.kernel.text import clean, vn_fold

Question = Mapping[str, Any]
_YES, _NO = {"true", "yes", "1", "on", "co"}, {"false", "no", "0", "off", "khong"}
_PHONE = re.compile(r"\+?[0-9]{3,15}")
_LONGEST = 500


class _Refused(Exception):
    """Why an answer cannot be taken, in the reader's language."""


def check(category: Category, answers: Mapping[str, Any] | None, language: str = "vi") -> dict[str, Any]:
    """The answers, cleaned and typed; unanswered questions are left out. Raises Invalid with fields `answers.<code>`."""
    given = {} if answers is None else answers
    with override(language):
        if not isinstance(given, Mapping):
            raise Invalid(_("Please check the answers."), fields={"answers": _("Expected answers by question.")})
        checked: dict[str, Any] = {}
        problems: dict[str, str] = {}
        asked = {question["code"]: question for question in category.questions}
        for code in given:
            if code not in asked:
                problems[f"answers.{str(code)[:64]}"] = _("There is no such question.")
        for code, question in asked.items():
            try:
                value = _answer(question, given.get(code))
            except _Refused as refused:
                problems[f"answers.{code}"] = str(refused)
            except Invalid as invalid:  # characters that cannot be stored, too long a text
                problems[f"answers.{code}"] = invalid.detail
            else:
                if value is not None:
                    checked[code] = value
        if problems:
            raise Invalid(_("Please check the answers."), fields=problems)
    return checked


def shown(category: Category, answers: Mapping[str, Any], language: str, *, private: bool) -> list[tuple[str, str]]:
    """Question and answer as people read them; private answers only where `private` says so."""
    with override(language):
        return [
            (text(question["labels"], language), _shown(question, answers[question["code"]], language))
            for question in category.questions
            if question["code"] in answers and (private or not question.get("private"))
        ]


def text(texts: Mapping[str, str], language: str) -> str:
    """A text in a language, or in whichever there is."""
    return texts.get(language) or next(iter(texts.values()), "")


def _answer(question: Question, given: Any) -> Any:
    if given is None or given == "" or given == [] or (isinstance(given, str) and not given.strip()):
        if question.get("required"):
            raise _Refused(_("This question needs an answer."))
        return None
    return _CHECKS[question["type"]](question, given)


def _text(question: Question, given: Any) -> str:
    if not isinstance(given, str | int | float) or isinstance(given, bool):
        raise _Refused(_("Expected a text."))
    return clean(str(given), max_length=question.get("max_length", _LONGEST))


def _number(question: Question, given: Any) -> float:
    try:
        if isinstance(given, bool) or not isinstance(given, str | int | float) or len(str(given)) > 20:
            raise ValueError
        value = float(str(given).strip().replace(",", "."))
        if not math.isfinite(value):
            raise ValueError
    except ValueError:
        raise _Refused(_("Expected a number.")) from None
    least, most = question.get("min"), question.get("max")
    if least is not None and value < least:
        raise _Refused(_("At least %(least)s.") % {"least": least})
    if most is not None and value > most:
        raise _Refused(_("At most %(most)s.") % {"most": most})
    return int(value) if value == int(value) else value


def _choice(question: Question, given: Any) -> str:
    values = [option["value"] for option in question["options"]]
    if not isinstance(given, str) or given not in values:
        raise _Refused(_("Please choose one of the answers."))
    return given


def _choices(question: Question, given: Any) -> list[str]:
    chosen = [given] if isinstance(given, str) else given
    if not isinstance(chosen, list | tuple) or len(chosen) > len(question["options"]):
        raise _Refused(_("Please choose from the answers."))
    wanted = {_choice(question, value) for value in chosen}
    return [option["value"] for option in question["options"] if option["value"] in wanted]


def _yes_or_no(_question: Question, given: Any) -> bool:
    if isinstance(given, bool):
        return given
    word = vn_fold(str(given).strip()) if isinstance(given, str | int) else ""
    if word in _YES | _NO:
        return word in _YES
    raise _Refused(_("Expected yes or no."))


def _moment(_question: Question, given: Any) -> str:
    try:
        if not isinstance(given, str):
            raise ValueError
        at = datetime.fromisoformat(given.strip())
        at = at if at.tzinfo else at.replace(tzinfo=city_clock.city_zone())
        early = clock.now() - timedelta(days=3660)
        if not early <= at <= clock.now() + timedelta(minutes=10):
            raise _Refused(_("This time lies in the future or too far in the past."))
    except (ValueError, OverflowError):
        raise _Refused(_("Expected a date and time.")) from None
    return at.isoformat(timespec="minutes")


def _phone(_question: Question, given: Any) -> str:
    digits = re.sub(r"[\s().-]", "", given) if isinstance(given, str) and len(given) <= 40 else ""
    if not _PHONE.fullmatch(digits):
        raise _Refused(_("Expected a phone number."))
    return digits


_CHECKS: dict[str, Callable[[Question, Any], Any]] = {
    "text": _text,
    "number": _number,
    "choice": _choice,
    "multichoice": _choices,
    "yesno": _yes_or_no,
    "datetime": _moment,
    "phone": _phone,
}


def _shown(question: Question, value: Any, language: str) -> str:
    names = {option["value"]: text(option["labels"], language) for option in question.get("options", ())}
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(names.get(item, str(item)) for item in value)
    if question["type"] == "datetime":
        return city_clock.moment_text(datetime.fromisoformat(value), language)
    return names.get(value, str(value))
