"""What notices say: a title and a text from the table, in the reader's language when it is shown.

A notice may bring its own text, `data["texts"] = {"vi": "…", "en": "…"}`: processes are data, and so is what they tell
people. Then the table gives the title only. A template that nobody knows gets a plain sentence, never an error.

Data may hold plain values, texts by language ({"vi": …, "en": …}), and moments or days in ISO 8601, which are shown in
the city's own time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _plain
from django.utils.translation import gettext_lazy as _

from hues.city.clock import day_text, moment_text

ORDER_MOST = 110  # characters of an order in a text message


@dataclass(frozen=True)
class Told:
    title: str
    body: str
    icon: str


@dataclass(frozen=True)
class Text:
    title: str | Promise
    body: str | Promise
    icon: str = "bell"


RESTRICTED = Text(_("There is news about your report"), _("Open the app to read it."))
GENERIC = Text(_("News about {code}"), _("Something changed. Open it to see."))

# What the reporter is told, by the step of the process.
REPORTER: dict[str, Text] = {
    "opened": Text(_("We have your report"), _("The centre is reading {code}. You will hear who handles it."), "inbox"),
    "accept": Text(_("Your report has an owner"), _("{agency} handles {code}, due {due}."), "agency"),
    "reassign": Text(_("Your report has a new owner"), _("{agency} now handles {code}, due {due}."), "agency"),
    "start": Text(_("Work has begun"), _("{agency} is handling {code}."), "tool"),
    "ask_citizen": Text(_("A question for you"), _("About {code}: {text}"), "chat"),
    "message": Text(_("A message for you"), _("About {code}: {text}"), "chat"),
    "request_extension": Text(_("More time is asked for"), _("{agency} asks for more time for {code}."), "calendar"),
    "approve_extension": Text(_("It takes longer"), _("{code} is now due {due}. {reason}"), "calendar"),
    "planned": Text(_("It has a date"), _("{code} is planned for {date}. It stays open until then."), "calendar"),
    "wake": Text(_("The promised day has come"), _("{agency} must now act on {code}."), "calendar"),
    "answer": Text(_("Your report was answered"), _("The centre is checking the answer to {code}."), "check"),
    "publish": Text(_("Your report has a result"), _("Look at {code}, and say whether you agree."), "check"),
    "reject": Text(_("Your report was not accepted"), _("{code}: {reason} {text}"), "close"),
    "redirect": Text(_("Your report went to another body"), _("{other} has {code} now. {text}"), "send"),
    "reconsider": Text(_("Your report is read again"), _("{code} is back at the centre."), "refresh"),
    "merge": Text(_("Others reported the same"), _("{code} is answered together with {other}."), "merge"),
    "unmerge": Text(_("Your report stands alone again"), _("{code} is handled on its own."), "merge"),
    "reopen": Text(_("Your report is open again"), _("{code} is handled once more: {reason}"), "refresh"),
    "auto_close": Text(_("Your report is closed"), _("{code} is closed. Thank you for helping the city."), "check"),
    "dispatch": Text(_("Help is called"), _("{agency} has {code}."), "bolt"),
    "test": Text(_("A test"), _("Notices arrive on this device."), "bell"),
    "set_out": Text(_("They are on the way"), _("{agency} is coming because of {code}."), "truck"),
    "arrive": Text(_("They are there"), _("{agency} is at the place of {code}."), "pin"),
    "check_back": Text(_("Is it still fixed?"), _("{title} ({code}): one tap tells the city."), "refresh"),
    # What those who follow a case, a place or a kind of matter are told.
    "step": Text(_("{title}: news"), _("Something changed. Open it to see."), "eye"),
    "listed": Text(_("New: {title}"), _("Open it to see."), "flag"),
    "ended": Text(_("Answered: {title}"), _("Open it to see."), "check"),
    "digest": Text(_("Today where you follow"), _("Open it to see."), "list"),
}

# What officers, heads, the centre and the chairman's office are told.
STAFF: dict[str, Text] = {
    "taken_over": Text(_("A colleague took it over"), _("{code} is in other hands now."), "user"),
    "woken": Text(_("Put aside until now"), _("Time to look at {code} again."), "clock"),
    "surfaced": Text(_("Left lying"), _("Reports that nobody has touched for too long."), "warning"),
    "failed": Text(_("Not everything was done"), _("Some reports must be decided one by one."), "warning"),
    "given": Text(_("A shift was handed over"), _("Open threads wait for you."), "note"),
    "taken": Text(_("Your handover was taken"), _("The next shift has it."), "check"),
    "opened": Text(_("New report"), _("{code}: {title}"), "inbox"),
    "accept": Text(_("New work"), _("{code}, due {due}: {title}"), "inbox"),
    "reassign": Text(_("New work"), _("{code}, due {due}: {title}"), "inbox"),
    "surge": Text(
        _("Many callers wait"), _("{waiting} wait, the longest {minutes} min. Switch surge mode on?"), "phone"
    ),
    "return": Text(_("Returned to the centre"), _("{agency} returned {code}: {reason}"), "undo"),
    "message": Text(_("New message"), _("{code}: {text}"), "chat"),
    "citizen_reply": Text(_("The reporter answered"), _("{code}: {text}"), "chat"),
    "no_reply": Text(_("The reporter did not answer"), _("The clock of {code} runs again."), "clock"),
    "request_extension": Text(
        _("More time is asked for"), _("{code}, {days} more days ({agency}): {reason}"), "calendar"
    ),
    "approve_extension": Text(_("More time"), _("{code} is now due {due}."), "calendar"),
    "deny_extension": Text(_("No more time"), _("{code} stays due {due}. {reason}"), "calendar"),
    "answer": Text(_("To be checked"), _("{agency} answered {code}."), "check"),
    "bounce": Text(_("The answer needs more"), _("{code}: {reason}"), "undo"),
    "publish": Text(_("Published"), _("The result of {code} was published."), "check"),
    "rate": Text(_("A rating"), _("{code}: {text}"), "star"),
    "reopen": Text(_("Opened again"), _("{code}, due {due}: {reason}"), "refresh"),
    "wake": Text(_("The promised day has come"), _("{code}, due {due}: {title}"), "calendar"),
    "remind": Text(_("Time is running"), _("{code} is due {due}: {title}"), "clock"),
    "escalate": Text(_("Late"), _("{code} was due {due}: {title} ({agency})"), "clock-alert"),
    "dispatch": Text(_("Go now"), _("{code}: {title}"), "bolt"),
    "thanked": Text(_("Somebody thanks you"), _("{code}: {text}"), "smile"),
    "doubted": Text(_("Neighbours say: not fixed"), _("{code}: {title}"), "warning"),
    "ladder": Text(_("Somebody must act now"), _("{code}: {title}"), "clock-alert"),
}

# What concerns somebody's own account, and the centre's duties about accounts; what other rooms tell (`know`).
ACCOUNT: dict[str, Text] = {
    "people.passkey_added": Text(
        _("A passkey was added"), _("“{name}”. Was it not you? Remove it, and sign out everywhere."), "key"
    ),
    "people.passkey_removed": Text(_("A passkey was removed"), _("“{name}” opens nothing any more."), "key"),
    "people.export_ready": Text(_("Your data is ready"), _("Fetch the file within 24 hours."), "download"),
    "people.identity_opened": Text(
        _("Your identity was opened by law"),
        _("For {code}, asked by {issued_by} (number {number}). Two people decided it."),
        "eye",
    ),
    "people.restricted": Text(_("About your account"), _("{reason} You can appeal."), "warning"),
    "people.lifted": Text(_("About your account"), _("A restriction of your account has ended."), "check"),
    "people.appeal_decided": Text(_("Your appeal is answered"), _("Open it to see."), "chat"),
    "people.appealed": Text(
        _("An appeal waits"), _("Somebody appeals against a restriction. Another lead has to answer."), "chat"
    ),
    "people.reveal_asked": Text(_("An identity is asked for"), _("{number}, {code}: please decide."), "key"),
    "people.reveal_approved": Text(_("Approved: {number}"), _("You can read it now, once."), "key"),
    "people.reveal_refused": Text(_("Refused: {number}"), _("Open it to see why."), "key"),
    "people.reveal_expired": Text(_("Ran out: {number}"), _("Nobody decided in time, or nobody read it."), "key"),
    "people.reset_asked": Text(
        _("A new second factor for {name}?"),
        _("{by} asked for it. It takes a second administrator, or a recovery code. Is it not wanted? Then refuse it."),
        "key",
    ),
    "people.reset_approved": Text(
        _("The second factor of {name} was reset"), _("Who approved it hands over the code for a new one."), "key"
    ),
    "people.reset_refused": Text(_("Refused: a new second factor for {name}"), _("Everything stays as it was."), "key"),
    "people.reset_expired": Text(_("Ran out: a new second factor for {name}"), _("Nobody decided in time."), "key"),
    "people.grant_asked": Text(
        _("A role for {name}?"), _("{by} asked for it. A second administrator has to decide within 24 hours."), "key"
    ),
    "people.grant_approved": Text(_("{name} has a new role"), _("Two administrators decided it."), "key"),
    "people.grant_refused": Text(_("Refused: a role for {name}"), _("Everything stays as it was."), "key"),
    "people.grant_expired": Text(_("Ran out: a role for {name}"), _("Nobody decided in time."), "key"),
}


def know(texts: Mapping[str, Text]) -> None:
    """Rooms above add the words of their own notices, by the whole name of the template ("duty.gap"), in `ready`."""
    ACCOUNT.update(texts)


# What those who command, and bodies that take part, are told of an incident: in its own words.
INCIDENT = Text(_("Incident {code}"), _("Something changed. Open it to see."), "command")


def told(template: str, data: Mapping[str, Any], *, link: str = "", language: str | None = None) -> Told:
    """The words of a notice in a language (the active one). Never fails: what is missing is left out.

    `template` is the journal's action ("case.accept"); the link says whether a reporter or staff is told.
    """
    language = language or get_language() or settings.LANGUAGE_CODE
    text = _text_of(template, STAFF if link.startswith("/desk") else REPORTER)
    with override(language):
        title, body = str(text.title), str(text.body)
    values = _Values({key: shown(value, language) for key, value in data.items()})
    own = data.get("texts")
    body = _by_language(own, language) if own and _is_texts(own) else _fill(body, values)
    return Told(_fill(title, values), body, text.icon)


def outside(template: str, data: Mapping[str, Any], *, link: str = "", language: str | None = None) -> Told:
    """The words of a notice outside of the app, where others may look at the screen: of a restricted case nothing but
    that there is news."""
    if not data.get("restricted"):
        return told(template, data, link=link, language=language)
    with override(language or get_language() or settings.LANGUAGE_CODE):
        return Told(str(RESTRICTED.title), str(RESTRICTED.body), RESTRICTED.icon)


def short(words: Told, code: str, *, app: str, language: str) -> str:
    """A text message. Without an address to tap on: people learn not to trust those in text messages."""
    with override(language):
        text = (
            _plain("{app}: {title} ({code}). Open {app} to see.")
            if code
            else _plain("{app}: {title}. Open {app} to see.")
        )
    return text.format(app=app, title=words.title, code=code)


def order(words: Told, address: str, *, app: str) -> str:
    """A text message to staff on duty: what and where in a few words, and the page on which they accept."""
    body = words.body if len(words.body) <= ORDER_MOST else words.body[: ORDER_MOST - 1].rstrip() + "…"
    return f"{app}: {words.title}. {body} {address}"


def _text_of(template: str, table: Mapping[str, Text]) -> Text:
    """By the step's name, else by its family: "case.escalate-100" is told like "escalate"."""
    if template in ACCOUNT:
        return ACCOUNT[template]
    if template.startswith("incident."):
        return INCIDENT
    step = template.rpartition(".")[2]
    return table.get(step) or table.get(step.split("-")[0]) or GENERIC


class _Values(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def _fill(text: str, values: _Values) -> str:
    try:
        return " ".join(text.format_map(values).split())
    except (ValueError, IndexError, AttributeError, KeyError):  # a text of a process with a stray brace
        return text


def shown(value: Any, language: str) -> str:
    """A value as the reader writes it."""
    if _is_texts(value):
        return _by_language(value, language)
    if isinstance(value, str) and len(value) >= 10 and value[4:5] == "-":
        try:
            return (
                day_text(date.fromisoformat(value), language)
                if len(value) == 10
                else moment_text(datetime.fromisoformat(value), language)
            )
        except ValueError:
            return value
    return "" if value is None else str(value)


def _is_texts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values())


def _by_language(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts.get(language[:2]) or next(iter(texts.values()), "")
