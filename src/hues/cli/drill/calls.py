"""The hotline during a drill: a telephone system that tells late, twice and in the wrong order, and operators who file what they hear."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hues.hotline.actions.handling import choose, claim_call, wrap_up
from hues.hotline.actions.reporting import file_report
from hues.hotline.actions.taking import take_events
from hues.hotline.events import read_all
from hues.hotline.models import Call
from hues.hotline.policy import policy
from hues.kernel import clock

if TYPE_CHECKING:
    from hues.cli.drill.rain import Rain
    from hues.cli.drill.stage import Story

SOURCE = "drill"
_FORGOTTEN = 4  # unanswered calls whose end is never told
_FIRST_NUMBER = 600


class Switchboard:
    def __init__(self, rain: "Rain") -> None:
        self.rain = rain
        with clock.at(rain.stage.start):
            for place, operator in enumerate(rain.staff.operators):
                choose(actor=operator, chosen="available", extension=str(2001 + place))
        self.prefix = rain.texts.accounts["phones"]["prefix"]
        codes = policy().wrap_codes
        self.filed = next(code.code for code in codes if code.needs_case)
        self.told = next(code.code for code in codes if not code.needs_case and not code.promises)
        self.forgotten = 0

    def call(self, n: int, files: str, *, answered: bool) -> "Story":
        """One call from its ring to the operator's last word. `files` is the kind of report that comes of it."""
        rain, rng = self.rain, self.rain.rng
        place = n % len(rain.staff.operators)
        rang = clock.now()
        waits = timedelta(seconds=rng.uniform(3, 45))
        rows = [self._row(n, "ring", rang, **{"from": f"{self.prefix}{_FIRST_NUMBER + n % 400:03}", "direction": "in"})]
        if answered:
            rows.append(self._row(n, "answer", rang + waits, agent=str(2001 + place)))
            rows.append(self._row(n, "hangup", rang + waits + timedelta(seconds=rng.uniform(50, 200))))
        elif self.forgotten < _FORGOTTEN:
            self.forgotten += 1
        else:
            rows.append(self._row(n, "hangup", rang + waits))
        rain.ledger.calls.append(f"drill-{n}")
        rain.ledger.events += len(rows)
        yield clock.now()
        yield from self._tell(rows, files, place)

    def _tell(self, rows: list[dict[str, Any]], files: str, place: int) -> "Story":
        """A tenth of the calls is told from the end, a tenth twice."""
        rng, operator = self.rain.rng, self.rain.staff.operators[place]
        backwards, twice = rng.random() < 0.1, rng.random() < 0.1
        ended = max(datetime.fromisoformat(row["time"]) for row in rows)
        if backwards:
            yield ended + timedelta(seconds=1)
            for row in reversed(rows):
                call = self._take(row)
        else:
            for row in rows:
                yield datetime.fromisoformat(row["time"])
                call = self._take(row)
        if twice:
            call = self._take(rng.choice(rows))
        if len(rows) < 3:
            return
        yield ended + timedelta(seconds=rng.uniform(5, 40))
        claim_call(actor=operator, call_id=call.pk)
        if not files:
            wrap_up(actor=operator, call_id=call.pk, code=self.told)
            return
        spot, body = self.rain.words(files)
        case = file_report(
            actor=operator, call_id=call.pk, category=files, body=body, lat=spot.lat, lon=spot.lon, address=spot.address
        )
        self.rain.ledger.by_phone.append(case.code)
        wrap_up(actor=operator, call_id=call.pk, code=self.filed)
        yield from self.rain.decide(case, files)

    @staticmethod
    def _row(n: int, kind: str, at: datetime, **data: Any) -> dict[str, Any]:
        return {
            "specversion": "1.0", "id": f"drill-{n}-{kind}", "source": SOURCE, "type": f"cti.{kind}",
            "time": at.isoformat(), "subject": f"drill-{n}", "data": data,
        }  # fmt: skip

    @staticmethod
    def _take(row: dict[str, Any]) -> Call:
        """As the door for telephone systems takes it, after the signature."""
        return take_events(source=SOURCE, events=read_all(SOURCE, row), is_sample=True)[0]
