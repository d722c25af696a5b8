"""Today so far against what is usual: the same weekday until the same time in the last eight weeks, and the last eight weeks."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from hues.city.clock import start_of_day, today
from hues.insights.measures import REPORT
from hues.insights.queries import Scope, samples, select, whole
from hues.kernel import clock

WEEKS = 8


@dataclass(frozen=True)
class Row:
    """A figure of today beside its usual value; None where there is nothing to say. `unit`: "", "%" or "minutes"."""

    label: str
    today: float | None
    usual: float | None
    unit: str


def rows() -> list[Row]:
    """Received, answered, time until read, on time by the first date. Six statements."""
    now, day = clock.now(), today()
    first_read, on_time = _of(whole(Scope(day, day)).figures()), _of(_usual_figures(day))
    received, published = _counts(day, now, "received_at"), _counts(day, now, "published_at")
    return [
        Row(_("Received"), received[0], _mean(received[1:]), ""),
        Row(_("Answers published"), published[0], _mean(published[1:]), ""),
        Row(_("Half read within"), first_read[0], on_time[0], "minutes"),
        Row(_("On time, first date"), _on_time_today(day), on_time[1], "%"),
    ]


def _usual_figures(day: date) -> dict[str, Any]:
    return whole(Scope(day - timedelta(weeks=WEEKS), day - timedelta(days=1))).figures()


def _of(figures: dict[str, Any]) -> tuple[float | None, float | None]:
    share = figures["on_time_original"]["share"]
    return (figures["first_read_minutes"] or {}).get("p50"), None if share is None else round(100 * share, 1)


def _counts(day: date, now: datetime, column: str) -> list[int]:
    """How many there were until this time of the day: today, and on the same weekday of each of the last weeks."""
    spent = now - start_of_day(day)
    begins = [start_of_day(day - timedelta(weeks=week)) for week in range(WEEKS + 1)]
    counts = ", ".join(
        f"(select count(*) from cases_case where {REPORT} and is_sample = any(%(samples)s) "  # noqa: S608 - names of columns
        f"and {column} >= %(from{at})s and {column} < %(to{at})s) as n{at}"
        for at in range(len(begins))
    )
    moments = {f"from{at}": begin for at, begin in enumerate(begins)}
    moments |= {f"to{at}": begin + spent for at, begin in enumerate(begins)}
    [row] = select(f"select {counts}", {**moments, "samples": samples()})
    return list(row.values())


def _mean(counts: list[int]) -> float | None:
    return round(sum(counts) / len(counts), 1) if any(counts) else None


def _on_time_today(day: date) -> float | None:
    """Of the answers published today that had a date."""
    [row] = select(
        f"""select count(*) as over, count(*) filter (where answered_at <= due_original_at) as of from cases_case
        where {REPORT} and is_sample = any(%(samples)s) and published_at >= %(since)s
            and due_original_at is not null and answered_at is not null""",  # noqa: S608
        {"samples": samples(), "since": start_of_day(day)},
    )
    return round(100 * row["of"] / row["over"], 1) if row["over"] else None
