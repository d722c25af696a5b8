"""Answers of the sample city's reporters to the extra questions of a category (hues.city.questions)."""

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hues.city.models import Category

_ANSWERED = 0.6  # of the questions that need no answer, where a tap is enough


def sample_answers(category: Category, rng: random.Random, at: datetime) -> dict[str, Any]:
    """Required questions always, easy ones often; as `questions.check` would return them. No real plate, no real number."""
    found: dict[str, Any] = {}
    for question in category.questions:
        easy = question["type"] in ("choice", "yesno", "number")
        if question.get("required") or (easy and rng.random() < _ANSWERED):
            found[question["code"]] = _answer(question, rng, at)
    return found


def _answer(question: Mapping[str, Any], rng: random.Random, at: datetime) -> Any:
    match question["type"]:
        case "choice":
            return rng.choice(question["options"])["value"]
        case "multichoice":
            return [rng.choice(question["options"])["value"]]
        case "yesno":
            return rng.random() < 0.5
        case "number":
            least = int(question.get("min") or 0)
            return min(least + rng.randrange(6), int(question.get("max") or 99))
        case "datetime":
            return at.isoformat(timespec="seconds")
        case "phone":
            return "0900000001"
    text = f"75A-000.{rng.randrange(10, 99)}" if question["code"] == "plate" else "không rõ"
    return text[: question.get("max_length") or 60]
