"""The sample city's telephones: 37,939 calls over six years (31,660 in, 6,279 out, as the city counted), or some dozens.

All of it is labelled as sample. Numbers are of a block that no account of the sample has: nobody can be called by them.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg import sql

from hues.cases.models import Case
from hues.city.clock import city_zone, local
from hues.cli.demo.moments import Moments, six_years
from hues.cli.demo.texts import read_texts
from hues.hotline.models import Call, CallBack, CallEvent, CallLink
from hues.hotline.policy import policy
from hues.kernel import clock
from hues.kernel.ids import CODE_ALPHABET
from hues.people import vault
from hues.people.models import User

IN, OUT = 31_660, 6_279
SMALL_IN, SMALL_OUT, SMALL_DAYS = 40, 8, 9
NUMBERS = 14_000  # different callers
SOURCE = "sample"
# Calls by the hour: few at night, most in the morning.
_HOURS = (4, 3, 2, 2, 2, 4, 10, 26, 48, 52, 47, 36, 22, 26, 42, 44, 38, 30, 24, 22, 18, 14, 10, 6)
_CODES = {
    "report": 38,
    "status": 19,
    "information": 21,
    "redirected": 9,
    "callback": 3,
    "emergency": 1,
    "praise": 2,
    "silent": 6,
    "abuse": 1,
}
_NOTES = {
    "status": ("Hỏi phản ánh đèn đường đã đến đâu.", "Hỏi khi nào vá xong ổ gà.", ""),
    "information": ("Hỏi giờ làm việc bộ phận một cửa.", "Hỏi đường nào đang ngập.", "Hỏi số điện lực.", ""),
    "redirected": ("Hướng dẫn gọi đơn vị cấp nước.", "Hướng dẫn gọi tổng đài 1022 của tỉnh bạn.", ""),
    "praise": ("Cảm ơn tổ vệ sinh môi trường.", ""),
}


def fill(size: str) -> int:
    """Returns how many calls were made; 0 if there are sample calls already. Inside the loader's transaction."""
    if Call.objects.filter(is_sample=True).exists():
        return 0
    now = clock.now().replace(microsecond=0)
    story = Story(now, random.Random(19001075))  # noqa: S311 - the same sample every time
    if size == "small":
        story.play(local(now).date() - timedelta(days=SMALL_DAYS), SMALL_IN, SMALL_OUT, growing=False)
    else:
        story.play(six_years(now), IN, OUT, growing=True)
    _write("hotline_callback", story.callbacks)
    _write("hotline_call", story.calls)
    _write("hotline_calllink", story.links)
    if size == "small":
        CallEvent.objects.bulk_create(_events(story))
    return len(story.calls)


@dataclass
class Story:
    """Calls in the order of their times, as rows."""

    now: datetime
    rng: random.Random
    calls: list[dict[str, Any]] = field(default_factory=list)
    callbacks: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        texts = read_texts()
        self.moments = Moments(texts, city_zone())
        rows = User.objects.filter(is_sample=True, memberships__role="operator").order_by("username")
        self.operators = list(dict.fromkeys(rows.values_list("pk", flat=True)))[:12]
        self.key, self.rules = vault.current(), policy()
        self.last: dict[str, dict[str, Any]] = {}  # number → its last answered call
        self.codes: set[str] = set()
        self.cases = iter(
            Case.objects.filter(is_sample=True, channel="hotline")
            .order_by("received_at")
            .values_list("pk", "received_at")
        )
        self.next_case = next(self.cases, None)

    def play(self, first: Any, incoming: int, outgoing: int, *, growing: bool) -> None:
        last = local(self.now).date()
        owed: list[dict[str, Any]] = []
        out_of_day = dict(self.moments.days(first, last, outgoing, growing=growing))
        for day, count in self.moments.days(first, last, incoming, growing=growing):
            flood = self.moments.flood(day)
            crowd = flood[1] * flood[0].peak / 4 if flood else 0.0
            for at in sorted(self._at(day) for _n in range(count)):
                owed += self._incoming(at, min(crowd, 3.0))
            for _n in range(out_of_day.get(day, 0)):
                self._outgoing(day, owed)

    def _at(self, day: Any) -> datetime:
        """A moment of the day; what would lie ahead of now was an hour before it."""
        hour = self.rng.choices(range(24), _HOURS)[0]
        at = datetime(
            day.year, day.month, day.day, hour, self.rng.randrange(60), self.rng.randrange(60), tzinfo=city_zone()
        )
        ahead = at > self.now - timedelta(minutes=20)
        return (self.now - timedelta(minutes=self.rng.randrange(25, 240)) if ahead else at).astimezone(UTC)

    def _incoming(self, at: datetime, crowd: float) -> list[dict[str, Any]]:
        """A call that comes in; the call-back that we owe for it, if nobody answered."""
        rng, rules = self.rng, self.rules
        number = "" if rng.random() < 0.07 else self._number()
        wait = max(1, round(rng.lognormvariate(2.1 + crowd * 0.55, 0.75)))
        call = self._call(at, "in", number)
        if rng.random() < min(0.45, 0.055 + wait / 420):
            call |= {
                "result": "lost",
                "wait_s": wait,
                "ended_at": at + timedelta(seconds=wait),
                "early": wait <= rules.early_s,
            }
            self._again(number, at)
            if number and wait > rules.early_s:
                return [self._owe(call, number)]
            return []
        self._answer(call, wait)
        self._again(number, at)
        if number:
            self.last[number] = call
        return [self._owe(call, number, promised=True)] if number and call["wrap_code"] == "callback" else []

    def _number(self) -> str:
        """Some call often."""
        place = int(NUMBERS * self.rng.random() ** 1.35)
        return f"+849000{place + 10_000:05}"

    def _answer(self, call: dict[str, Any], wait: int) -> None:
        rng = self.rng
        at = call["rang_at"]
        code = rng.choices(list(_CODES), list(_CODES.values()))[0]
        talk = max(8, round(rng.lognormvariate(4.9 if code == "report" else 4.4, 0.55)))
        hold = rng.randrange(10, 70) if rng.random() < 0.12 else 0
        if code == "report" and not self._link(call, at):
            code = "information"
        operator = rng.choice(self.operators) if self.operators else None
        ended = min(at + timedelta(seconds=wait + talk + hold), self.now)
        call |= {
            "result": "answered", "answered_at": min(at + timedelta(seconds=wait), ended), "ended_at": ended, "wait_s": wait,
            "talk_s": talk, "hold_s": hold, "wrap_s": (wrap := rng.randrange(6, 55)), "fast": wait <= self.rules.answer_within_s,
            "operator_id": operator, "extension": str(2001 + self.operators.index(operator)) if operator else "2001",
            "wrap_code": code, "wrapped_at": ended + timedelta(seconds=wrap), "notes": rng.choice(_NOTES.get(code, ("",))),
            "consent": "given" if rng.random() < 0.94 else "refused",
        }  # fmt: skip

    def _link(self, call: dict[str, Any], at: datetime) -> bool:
        """The next report that came by telephone: its call was a moment before it."""
        while self.next_case is not None and self.next_case[1] < at:
            case_id, received = self.next_case
            self.next_case = next(self.cases, None)
            if received > at - timedelta(days=3):
                call["case_id"] = case_id
                self.links.append({"call_id": call["id"], "case_id": case_id, "kind": CallLink.Kind.FILED, "by_id": None,
                                   "at": at, "tell": True, "told_at": at, "link_hash": ""})  # fmt: skip
                return True
        return self.rng.random() < 0.5  # the report is one that no sample keeps

    def _again(self, number: str, at: datetime) -> None:
        before = self.last.get(number) if number else None
        if before is not None and at - before["rang_at"] <= self.rules.repeat:
            before["called_again"] = True

    def _owe(self, call: dict[str, Any], number: str, *, promised: bool = False) -> dict[str, Any]:
        made = call["ended_at"]
        row = _empty(CallBack)
        row |= {
            "id": self._id(made), "reason": "promised" if promised else "missed", "state": "open", "call_id": call["id"],
            "made_at": made, "next_at": made, "promise_at": made + self.rules.callback_within, "is_sample": True,
            "number_end": call["number_end"], "number_lookup": call["number_lookup"],
        }  # fmt: skip
        row["sealed_number"] = vault.seal(number.encode(), row["id"].bytes, self.key)
        self.callbacks.append(row)
        return row

    def _outgoing(self, day: Any, owed: list[dict[str, Any]]) -> None:
        """A call that we make: of those we owe, the oldest; else about a case."""
        rng = self.rng
        at = self._at(day)
        row = (
            owed.pop(0) if owed and owed[0]["made_at"] < self.now - timedelta(hours=20) else None
        )  # the newest still wait
        if row is not None:
            at = min(
                max(at, row["made_at"])
                if rng.random() < 0.2
                else row["made_at"] + timedelta(minutes=rng.randrange(3, 55)),
                self.now,
            )
        call = self._call(at, "out", "" if row is None else self._number())
        reached = rng.random() < 0.83
        ring = rng.randrange(5, 35)
        call |= {
            "operator_id": rng.choice(self.operators) if self.operators else None,
            "extension": "2001",
            "wait_s": ring,
        }
        if reached:
            self._answer(call, ring)
            call |= {
                "case_id": None,
                "fast": False,
                "wrap_code": "status" if call["wrap_code"] == "report" else call["wrap_code"],
            }
            self.links = (
                [link for link in self.links if link["call_id"] != call["id"]]
                if call["wrap_code"] == "status"
                else self.links
            )
        else:
            call |= {"result": "lost", "ended_at": min(at + timedelta(seconds=ring), self.now)}
        if row is not None:
            end = call["ended_at"]
            call["callback_id"] = row["id"]
            row |= {"tries": 1, "state": "done" if reached else "given_up", "ended_at": end, "ended_by_id": call["operator_id"],
                    "kept": reached and end <= row["promise_at"]}  # fmt: skip

    def _call(self, at: datetime, direction: str, number: str) -> dict[str, Any]:
        here = local(at)
        row = _empty(Call)
        row |= {
            "id": self._id(at), "code": self._code(), "source": SOURCE, "direction": direction, "state": "ended", "rang_at": at,
            "local_day": here.date(), "local_hour": here.hour, "language": "vi", "is_sample": True, "known": bool(number),
        }  # fmt: skip
        row["source_id"] = row["id"].hex
        if number:
            row |= {"sealed_number": vault.seal(number.encode(), row["id"].bytes, self.key), "number_end": number[-3:],
                    "number_lookup": self.key.lookup(number)}  # fmt: skip
        self.calls.append(row)
        return row

    def _id(self, at: datetime) -> UUID:
        """A UUIDv7 of that moment."""
        tail = self.rng.getrandbits(74)
        return UUID(
            int=int(at.timestamp() * 1000) << 80 | 7 << 76 | (tail >> 62) << 64 | 2 << 62 | tail & ((1 << 62) - 1)
        )

    def _code(self) -> str:
        while True:
            body = "".join(self.rng.choices(CODE_ALPHABET, k=6))
            if body not in self.codes:
                self.codes.add(body)
                return f"CG-{body[:4]}-{body[4:]}"


def _empty(model: Any) -> dict[str, Any]:
    return dict(_columns(model))


@cache
def _columns(model: Any) -> dict[str, Any]:
    """Every column with what it has when nothing is known."""
    return {one.attname: None if one.null else one.get_default() for one in model._meta.concrete_fields}


def _write(table: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    columns = list(rows[0])
    into = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for row in rows:
            copy.write_row([row[name] for name in columns])


def _events(story: Story) -> Iterator[CallEvent]:
    for call in story.calls:
        told = [("ring", call["rang_at"]), ("answer", call["answered_at"]), ("hangup", call["ended_at"])]
        for kind, at in told:
            if at is not None:
                data = {"direction": call["direction"], **({"agent": call["extension"]} if kind != "hangup" else {})}
                yield CallEvent(
                    call_id=call["id"], source=SOURCE, event_id=f"{call['code']}-{kind}", kind=kind, at=at, received_at=at, data=data
                )  # fmt: skip
