"""What is counted, as SQL over cases_case `c`: one place for the exact figures and for the kept ones (DOMAIN §11).

- **received** R: every report.
- **eligible** E: received, past screening, and neither rejected, redirected, nor merged into another.
- **answered** H: eligible, with an answer that was published.
- **resolved** F: answered with `fixed_with_evidence` or `enforcement_done`, and nothing else.
- **on time**: answered not later than the due date. Once against the *original* date and once against the *final* one
  (with approved extensions): a city that publishes only the second publishes its patience. Both over the answered that
  had a date.
- **rated** Q with satisfied S and accepts A. (S+A)/Q is what cities like to quote; (S+A)/H is the worst case.
- **broke again**: resolved, and later opened anew because it did not last (a case of the same kind names it as its origin).
- **recurring**: another report of the same category within 60 days and about 50 m (a cell of 0.0005 degrees).
"""

from collections.abc import Mapping

ELIGIBLE = """(c.phase <> 'intake' and c.reject_reason = '' and c.redirected_to = '' and c.parent_id is null
    and c.outcome <> 'duplicate')"""
ANSWERED = f"({ELIGIBLE} and c.published_at is not null and c.answered_at is not null)"
RESOLVED = f"({ANSWERED} and c.outcome = any(%(resolved)s))"

# Parameters: resolved (list of outcomes).
COUNTS: Mapping[str, str] = {
    "received": "count(*)",
    "still_open": "count(*) filter (where c.is_open)",
    "eligible": f"count(*) filter (where {ELIGIBLE})",
    "rejected": "count(*) filter (where c.reject_reason <> '')",
    "redirected": "count(*) filter (where c.redirected_to <> '')",
    "duplicates": "count(*) filter (where c.parent_id is not null or c.outcome = 'duplicate')",
    "answered": f"count(*) filter (where {ANSWERED})",
    "resolved": f"count(*) filter (where {RESOLVED})",
    "answered_with_date": f"count(*) filter (where {ANSWERED} and c.due_original_at is not null)",
    "on_time_original": f"count(*) filter (where {ANSWERED} and c.answered_at <= c.due_original_at)",
    "on_time_final": f"""count(*) filter (
        where {ANSWERED} and c.answered_at <= coalesce(c.due_final_at, c.due_original_at))""",
    "rated": f"count(*) filter (where {ANSWERED} and c.rating <> '')",
    "satisfied": f"count(*) filter (where {ANSWERED} and c.rating = 'satisfied')",
    "accepts": f"count(*) filter (where {ANSWERED} and c.rating = 'accepts')",
    "not_satisfied": f"count(*) filter (where {ANSWERED} and c.rating = 'not_satisfied')",
    "reopened": f"count(*) filter (where {ANSWERED} and c.reopened > 0)",
    "broke_again": f"count(*) filter (where {RESOLVED} and c.broke)",
    "hops": f"coalesce(sum(c.hops) filter (where {ELIGIBLE}), 0)",
    "recurring": "count(*) filter (where c.again)",
    "placed": "count(*) filter (where c.placed)",
}

# Minutes from the report to …; NULL where it has not happened.
DURATIONS: Mapping[str, str] = {
    "read": "extract(epoch from c.first_read_at - c.received_at) / 60",
    "answer": f"case when {ANSWERED} then extract(epoch from c.answered_at - c.received_at) / 60 end",
    "fix": f"case when {RESOLVED} then extract(epoch from c.answered_at - c.received_at) / 60 end",
}

# The cases of a span, each with whether the same came back. Reads 60 days more, for what came before.
SPAN_WITH_RECURRENCE = """
    select * from (
        select received_at, is_sample, unit_id, category_id, agency_id, channel, is_open, phase, reject_reason,
            redirected_to, parent_id, outcome, first_read_at, answered_at, published_at, due_at, due_original_at,
            due_final_at, rating, reopened, hops, lat is not null as placed,
            lat is not null and received_at - lag(received_at) over (
                partition by is_sample, category_id, round(lat::numeric / 0.0005), round(lon::numeric / 0.0005)
                order by received_at
            ) <= interval '60 days' as again,
            exists (
                select from cases_case f where f.origin_id = cases_case.id and f.category_id = cases_case.category_id
            ) as broke
        from cases_case
        where received_at >= coalesce(%(since)s, '-infinity'::timestamptz) - interval '60 days'
            and received_at < coalesce(%(until)s, 'infinity'::timestamptz)
            {only}
    ) s where s.received_at >= coalesce(%(since)s, '-infinity'::timestamptz)
"""
