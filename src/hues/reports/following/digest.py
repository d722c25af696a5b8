"""The news of a day in one notice, at an hour when people have time to read.

Begun once a day; told in chunks of people, each remembered, so that a job that is killed goes on where it was.
"""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import ngettext, override

from hues.city import clock as city_clock
from hues.city.pack import settings as city_settings
from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM
from hues.kernel.ids import new_id
from hues.notifications.actions import tell
from hues.reports.following.news import CHUNK, NOBODY, languages
from hues.reports.models import Digest

LAG = timedelta(minutes=5)  # what happened just now may not have become news yet: it is for tomorrow's digest
AT = time(18, 0)  # in the city's time, where the pack says nothing else
LINK = "/me/following"


def send_due() -> int:
    """Tell the news of today if it is time and they were not told yet. Returns how many people were told."""
    digest = _begun_today()
    told = 0
    while digest is not None and digest.done_at is None:
        told += _next_chunk(digest)
    return told


def hour() -> time:
    return time.fromisoformat(str(city_settings().get("digest_at") or AT.isoformat()))


def _begun_today() -> Digest | None:
    """Today's digest, once its hour has come."""
    local = city_clock.local(clock.now())
    if local.time() < hour():
        return None
    with transaction.atomic():
        found = Digest.objects.filter(day=local.date()).first()
        if found is not None:
            return found
        last = Digest.objects.filter(day__lt=local.date()).order_by("-day").first()
        until = clock.now() - LAG
        since = max(last.until, until - timedelta(days=3)) if last else until - timedelta(days=1)
        subject = new_id()
        entry_id = journal.record(actor=SYSTEM, action="follow.digest", subject_kind="digest", subject_id=subject,
                                  audit={"since": since.isoformat(), "until": until.isoformat()})  # fmt: skip
        Digest.objects.bulk_create(
            [Digest(day=local.date(), entry_id=entry_id, since=since, until=until)], ignore_conflicts=True
        )
    return Digest.objects.get(day=local.date())


def _next_chunk(digest: Digest) -> int:
    with transaction.atomic():
        locked = Digest.objects.select_for_update().get(pk=digest.pk)
        people, news = _news_of_people(locked.since, locked.until, locked.told_up_to or NOBODY)
        by_news: dict[tuple[int, int], list[UUID]] = {}
        for person_id, listed, ended in news:
            by_news.setdefault((listed, ended), []).append(person_id)
        for (listed, ended), told in by_news.items():
            tell(locked.entry_id, told, "follow.digest", LINK, {"texts": _words(listed, ended)})
        if people:
            locked.told_up_to = people[-1]
        if len(people) < CHUNK:
            locked.done_at = clock.now()
        locked.save(update_fields=["told_up_to", "done_at"])
    digest.done_at = locked.done_at
    return len(news)


def _words(listed: int, ended: int) -> dict[str, str]:
    texts = {}
    for language in languages():
        with override(language):
            parts = [
                ngettext("{n} new report", "{n} new reports", listed).format(n=listed) if listed else "",
                ngettext("{n} was answered", "{n} were answered", ended).format(n=ended) if ended else "",
            ]
            texts[language] = " · ".join(part for part in parts if part)
    return texts


_PEOPLE = """
select distinct person_id from reports_follow where pace = 'daily' and person_id > %(after)s
order by person_id limit %(chunk)s
"""

# Whether follow f is about news n.
MATCHES = """(
  (f.kind = 'unit' and f.unit_id = n.unit_id)
  or (f.kind = 'category' and f.category_id = n.category_id and (f.unit_id is null or f.unit_id = n.unit_id))
  or (f.kind = 'place' and n.lat between f.lat - 0.01 and f.lat + 0.01
      and power((n.lat - f.lat) * 111195, 2) + power((n.lon - f.lon) * 111195 * cos(radians(f.lat)), 2)
        <= power(f.radius_m::float8, 2)))
"""
# What a person has heard, or hears, in another way: at once, by following the case, or as their own.
_OTHERWISE = f"""
  exists (select 1 from reports_follow o where o.person_id = f.person_id and (
    (o.kind = 'case' and o.case_id = n.case_id) or (o.pace = 'now' and {MATCHES.replace("f.", "o.")})))
  or exists (select 1 from cases_case c where (c.id = n.case_id or c.parent_id = n.case_id) and c.reporter_id = f.person_id)
  or exists (select 1 from cases_casesupport s where s.case_id = n.case_id and s.person_id = f.person_id)
"""  # noqa: S608 - only our own expressions
_NEWS = f"""
select person_id, count(*) filter (where kind = 'listed'), count(*) filter (where kind = 'ended') from (
  select distinct f.person_id, n.entry_id, n.kind
  from reports_news n
  join cases_case listed on listed.id = n.case_id and listed.moderated and listed.visibility in ('public', 'masked')
  join reports_follow f on f.pace = 'daily' and f.person_id = any(%(people)s) and {MATCHES}
  where n.at > %(since)s and n.at <= %(until)s and not ({_OTHERWISE})
) heard group by person_id order by person_id
"""  # noqa: S608 - only our own expressions


def _news_of_people(since: datetime, until: datetime, after: UUID) -> tuple[list[UUID], list[tuple[UUID, int, int]]]:
    """The next people who want a digest, and of those who have news how many were listed and ended. Two statements."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, {"after": after, "chunk": CHUNK})
        people = [row[0] for row in cursor.fetchall()]
        if not people:
            return [], []
        values: dict[str, Any] = {"people": people, "since": since, "until": until}
        cursor.execute(_NEWS, values)
        return people, list(cursor.fetchall())
