"""Steps of a ladder that come late because the machine slept, or its clock was set: whoever was told first keeps the time that they were promised.

A ladder is climbed by people, one after the other: five minutes for those on duty, then their chief. After a gap the first step that is due is
told at once, and the ones after it keep their distance from the moment it was really told. It is said, to whoever is told and in the journal,
that it is late and why.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

TOLERANCE = timedelta(seconds=90)  # timers are looked at every second: what is later than this was held up
_WHY = {
    "vi": "{said} (nhắc muộn {n} phút do máy chủ hoặc đồng hồ hệ thống bị gián đoạn; các bậc sau tính tiếp từ lúc này)",
    "en": "{said} (told {n} minutes late, because the server or its clock had stopped; later steps follow from now)",
}


def late_by(planned: datetime, now: datetime) -> timedelta:
    """By how much a step is late; nothing within what is usual."""
    late = now - planned
    return late if late > TOLERANCE else timedelta(0)


def minutes(late: timedelta) -> int:
    return round(late / timedelta(minutes=1))


def explained(said: Mapping[str, str], late: timedelta) -> dict[str, str]:
    """The words of a step, with why it is late where it is."""
    if not late:
        return dict(said)
    return {name: _WHY.get(name, "{said}").format(said=text, n=minutes(late)) for name, text in said.items()}
