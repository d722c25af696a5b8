"""From counts to figures: shares that carry their numerator and denominator, and spans of time."""

from collections.abc import Mapping, Sequence
from typing import Any

# name: (measure it is the share of, measure it is taken from)
SHARES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "eligible_rate": (("eligible",), "received"),
    "duplicate_ratio": (("duplicates",), "received"),
    "answer_rate": (("answered",), "eligible"),
    "true_resolution": (("resolved",), "eligible"),
    "on_time_original": (("on_time_original",), "answered_with_date"),
    "on_time_final": (("on_time_final",), "answered_with_date"),
    "rating_coverage": (("rated",), "answered"),
    "satisfaction": (("satisfied",), "rated"),
    "acceptance": (("satisfied", "accepts"), "rated"),
    "acceptance_worst_case": (("satisfied", "accepts"), "answered"),
    "reopen_rate": (("reopened",), "answered"),
    "broke_again": (("broke_again",), "resolved"),
    "recurrence": (("recurring",), "placed"),
    "accepted_in_time": (("accepted_in_time",), "sent"),
    "promises_kept": (("promises_kept",), "promises_ended"),
}

SPANS: Mapping[str, tuple[str, int]] = {  # name: (duration, minutes in its unit)
    "first_read_minutes": ("read", 1),
    "hours_to_answer": ("answer", 60),
    "hours_to_fix": ("fix", 60),
    "minutes_to_accept": ("accept", 1),
    "minutes_to_arrive": ("arrive", 1),
}
PLAIN: Mapping[str, str] = {  # name: measure
    "received": "received",
    "open": "still_open",
    "rejected": "rejected",
    "redirected": "redirected",
    "sent": "sent",
}
KNOWN = (*PLAIN, *SHARES, "hops_per_case", *SPANS)


def figures(
    n: Mapping[str, Any], minutes: Mapping[str, Sequence[float] | None], *, overdue: int | None = None
) -> dict[str, Any]:
    """`n` are counts by measure, `minutes` the p50 and p90 of each duration."""
    result: dict[str, Any] = {name: n[measure] for name, measure in PLAIN.items()}
    if overdue is not None:
        result["overdue"] = overdue
    for name, (parts, whole) in SHARES.items():
        result[name] = share(sum(n[part] for part in parts), n[whole])
    result["hops_per_case"] = round(n["hops"] / n["eligible"], 4) if n["eligible"] else None
    return result | {name: _spans(minutes.get(span), unit) for name, (span, unit) in SPANS.items()}


def share(part: int, whole: int) -> dict[str, Any]:
    """A share is never told without what it is a share of."""
    return {"share": round(part / whole, 4) if whole else None, "of": part, "over": whole}


def _spans(minutes: Sequence[float] | None, unit: int) -> dict[str, float] | None:
    if not minutes or minutes[0] is None:
        return None
    return {"p50": round(minutes[0] / unit, 1), "p90": round(minutes[1] / unit, 1)}
