"""What the one page of filing holds besides the draft: every kind with its questions, and the words of its script."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from hues.cases import reference
from hues.city import pack
from hues.city import queries as city
from hues.city.assets.near import shown
from hues.city.memory import remembered
from hues.reports import words
from hues.reports.checks import MAX_FILES


def context(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the one page needs besides the draft: its words for the script, its kinds, its sheets."""
    return {
        "kit": kit(words.language()),
        "prefilled_json": json.dumps(_prefilled(data)),
        "words_json": json.dumps(script_words()),
        "photo_json": json.dumps(photo_words()),
        "speech_json": json.dumps(speech_words()),
        "body_field": words.body_field(data.get("body"), ""),
        "phone_field": words.phone_field("", ""),
        "code_field": words.code_field(""),
        "all_numbers": [
            {"number": row.number, "label": row.name(words.language())} for row in city.emergency_numbers()
        ],
        "sandbox": settings.SANDBOX,
    }


def _prefilled(data: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: data[name] for name in PREFILLED if data.get(name) not in (None, "")}
    return {**given, "asset_label": shown(given["asset"])} if "asset" in given else given


PREFILLED = ("category", "lat", "lon", "address", "place_source", "asset", "for_other")


def kit(language: str) -> str:
    """Every kind with its questions and the numbers to call, as HTML, drawn once for each language and state of the pack:
    the script takes from it what it shows, with and without a network.
    """
    return _kits()[language]


@remembered
def _kits() -> dict[str, str]:
    drawn: dict[str, str] = {}
    for tongue in pack.settings()["languages"]:
        named = {row.number: {"number": row.number, "name": row.name(tongue)} for row in city.emergency_numbers()}
        with override(tongue):
            kinds: list[dict[str, Any]] = [
                {
                    "row": row,
                    "about": words.shown_category(row),
                    "words": [word for known in row.keywords.values() for word in known],
                    "questions": words.shown_questions(row, {}, {}),
                    "calls": [named[number] for number in row.emergency_numbers if number in named],
                }
                for row in reference.categories_by_code().values()
                if row.active
            ]
            by_code = {kind["row"].code: kind for kind in kinds}
            families = [
                {"name": family["name"], "kinds": [by_code[one["code"]] for one in family["categories"]]}
                for family in city.categories(tongue)
            ]
            drawn[tongue] = render_to_string(
                "reports/file_kit.html",
                {"families": families, "kinds": kinds, "hotline": pack.settings()["hotline"]},
            )
    return drawn


def script_words() -> dict[str, str]:
    """What the page's script says."""
    return {
        "from_photo": _("from your photo"),
        "from_device": _("your position"),
        "from_device_to": _("your position, to %(m)s m") % {"m": "{m}"},
        "from_map": _("as set on the map"),
        "from_address": _("as typed"),
        "approximate": _("area approximate"),
        "outside": _("This place is outside the city. We can only handle what is inside it."),
        "photo_outside": _("The photo was taken outside the city, so we did not take its place. Where is it?"),
        "unknown": _("Not known yet"),
        "where": _("Where is it? Tap the map, use your position, or type an address."),
        "category": _("Choose what it is about."),
        "body": _("Please say what is wrong, or add a photo."),
        "photo": _("A photo is needed here: without it nobody can check this."),
        "answer": _("This question needs an answer."),
        "phone": _("Please give a mobile number."),
        "code": _("Please enter the 6 digits."),
        "sending": _("Sending…"),
        "photos": _("Sending photo {n} of {of}…"),
        "offline": _("No network. Your report is kept: press again when there is one."),
        "mend": _("Some of it needs mending."),
    }


def photo_words() -> dict[str, str]:
    return {
        "one": _("Photo {n}"),
        "count": _("Photos chosen: {n}"),
        "remove": _("Remove photo"),
        "many": _("At most {n} photos").format(n=MAX_FILES),
        "place": _("The photo tells where it was taken."),
        "bad": _("This file is neither a photo nor a video."),
        "long": _("This video is longer than 60 seconds. Please choose a shorter one, or a photo."),
        "film": _("Video"),
    }


def speech_words() -> dict[str, str]:
    return {
        "consent": _("Your phone's own speech service listens and writes; we receive only the text. Agree?"),
        "agree": _("Agree and speak"),
        "listening": _("Listening… speak now."),
        "stop": _("Stop"),
        "not-allowed": _("The microphone is not allowed. You can allow it in the browser's settings, or type."),
        "service-not-allowed": _("The phone's speech service is switched off. Please type."),
        "no-speech": _("Nothing was heard. Try again, closer to the phone."),
        "audio-capture": _("No microphone was found. Please type."),
        "network": _("The speech service needs a network. Please type; it is kept."),
        "language-not-supported": _("The phone does not understand this language. Please type."),
        "failed": _("Speaking did not work. Please type."),
    }
