"""Reading what a telephone system says: CloudEvents 1.0 (structured mode), one or a list of at most a hundred.

    {"specversion": "1.0", "id": "8f1c…", "source": "pbx", "type": "cti.ring", "time": "2026-11-25T03:04:05.678Z",
     "subject": "1732503845.17", "data": {"direction": "in", "from": "0905123456", "to": "19001075", "agent": "2001"}}

`subject` is the call. docs/telephony.md lists the types and what each may say. Whatever is wrong is said by field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from hues.hotline import fold, numbers
from hues.kernel import clock
from hues.kernel.errors import Invalid

KINDS = (
    fold.RING, fold.ANSWER, fold.HOLD, fold.RESUME, fold.TRANSFER, fold.HANGUP,
    fold.RECORDING, fold.TRANSCRIPT, fold.CALLBACK, fold.CONSENT,
)  # fmt: skip
PREFIX = "cti."
MOST = 100
EARLY, LATE = timedelta(minutes=5), timedelta(days=7)  # how far a source's clock may be ahead; how late we listen
TEXT_MAX, TRANSCRIPT_MAX, URL_MAX = 64, 200_000, 2000
_TEXTS = ("agent", "to", "queue", "cause")


@dataclass(frozen=True)
class Event:
    """One event, checked. `number` is in the clear only here; `data` holds nothing personal."""

    id: str
    kind: str
    call: str
    at: datetime
    data: Mapping[str, Any]
    number: str = ""
    text: str = ""  # of a transcript
    url: str = ""  # of a recording


def read_all(source: str, sent: Any) -> list[Event]:
    """Raises Invalid with every complaint by field ("2.data.from" for the third of a list)."""
    rows = sent if isinstance(sent, list) else [sent]
    wrong: dict[str, str] = {}
    if not rows or len(rows) > MOST:
        raise Invalid(
            _("Send one event, or a list of at most %(n)s.") % {"n": MOST},
            fields={"events": _("At most {n}.").format(n=MOST)},
        )
    found = []
    for place, row in enumerate(rows):
        reader = _Reader(row, f"{place}." if isinstance(sent, list) else "", wrong)
        found.append(reader.event(source))
    if wrong:
        raise Invalid(_("Some of it needs mending."), fields=wrong)
    return [one for one in found if one is not None]


class _Reader:
    def __init__(self, row: Any, prefix: str, wrong: dict[str, str]) -> None:
        self.row, self.prefix, self.wrong = row, prefix, wrong

    def complain(self, name: str, text: str) -> None:
        self.wrong.setdefault(self.prefix + name, text)

    def event(self, source: str) -> Event | None:
        if not isinstance(self.row, dict):
            self.complain("event", _("An event is a JSON object."))
            return None
        if self.row.get("specversion") != "1.0":
            self.complain("specversion", _("This must be one of: {choices}.").format(choices="1.0"))
        if self.row.get("source") != source:
            self.complain("source", _("This secret belongs to the source {name}.").format(name=source))
        kind = self.kind()
        data = self.row.get("data", {})
        if not isinstance(data, dict):
            self.complain("data", _("This must be a JSON object."))
            data = {}
        event_id, call = self.word("id", 128), self.word("subject", 128)
        at = self.moment()
        if at is None:
            return None
        found = Event(event_id, kind, call, at, self.data(kind, data), self.number(data))
        if kind == fold.TRANSCRIPT:
            return Event(**{**vars(found), "text": self.text(data)})
        if kind == fold.RECORDING:
            return Event(**{**vars(found), "url": self.url(data)})
        return found

    def kind(self) -> str:
        given = self.row.get("type")
        kind = given.removeprefix(PREFIX) if isinstance(given, str) else ""
        if kind not in KINDS:
            choices = ", ".join(PREFIX + one for one in KINDS)
            self.complain("type", _("This must be one of: {choices}.").format(choices=choices))
        return kind

    def word(self, name: str, most: int) -> str:
        value = self.row.get(name)
        if not isinstance(value, str) or not value.strip() or "\x00" in value:
            self.complain(name, _("This is missing."))
            return ""
        if len(value) > most:
            self.complain(name, _("This is too long: at most {most} characters.").format(most=most))
        return value.strip()

    def moment(self) -> datetime | None:
        given = self.row.get("time")
        try:
            at = datetime.fromisoformat(given) if isinstance(given, str) else None
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            self.complain("time", _("Give the moment as RFC 3339, with its zone: 2026-11-25T03:04:05Z."))
            return None
        if not -LATE < at - clock.now() < EARLY:
            self.complain("time", _("This is more than five minutes ahead of our clock, or more than seven days ago."))
        return at.astimezone(UTC)

    def data(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for name in _TEXTS:
            if (value := data.get(name)) is None:
                continue
            if not isinstance(value, str) or len(value) > TEXT_MAX or "\x00" in value:
                self.complain(f"data.{name}", _("This must be text of at most {n} characters.").format(n=TEXT_MAX))
            elif name == "to" and kind != fold.TRANSFER:
                continue  # the number that was dialled: the city's own, or somebody's
            elif value.strip():
                kept[name] = value.strip()
        direction = data.get("direction")
        if direction in ("in", "out"):
            kept["direction"] = direction
        elif direction is not None:
            self.complain("data.direction", _("This must be one of: {choices}.").format(choices="in, out"))
        consent = data.get("consent")
        if isinstance(consent, bool):
            kept["consent"] = consent
        elif consent is not None or kind == fold.CONSENT:
            self.complain("data.consent", _("This must be true or false."))
        if (language := data.get("language")) is not None:
            if isinstance(language, str) and len(language) == 2 and language.isascii() and language.islower():
                kept["language"] = language
            else:
                self.complain("data.language", _("Two letters, such as vi."))
        if kind == fold.TRANSFER and not kept.get("to"):
            self.complain("data.to", _("Say to which extension."))
        return kept

    def number(self, data: dict[str, Any]) -> str:
        """Of the other side: the caller, or whom we call."""
        name = "to" if data.get("direction") == "out" else "from"
        given = data.get(name)
        if given is None or data.get("withheld") is True:
            return ""
        if not isinstance(given, str) or len(given) > 128:
            self.complain(f"data.{name}", _("This must be text of at most {n} characters.").format(n=128))
            return ""
        return numbers.read(given)

    def text(self, data: dict[str, Any]) -> str:
        value = data.get("text")
        if not isinstance(value, str) or not value.strip() or len(value) > TRANSCRIPT_MAX or "\x00" in value:
            self.complain("data.text", _("The words of the call, at most {n} characters.").format(n=TRANSCRIPT_MAX))
            return ""
        return value

    def url(self, data: dict[str, Any]) -> str:
        """May be left out: the sound is then sent to us (`POST /api/v1/cti/recordings`)."""
        value = data.get("url", "")
        if (
            not isinstance(value, str)
            or len(value) > URL_MAX
            or (value and not value.startswith(("http://", "https://")))
        ):
            self.complain("data.url", _("A web address at which we may fetch the recording."))
            return ""
        return value
