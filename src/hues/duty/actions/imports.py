"""A roster as a spreadsheet's CSV: read whole, every mistake named by its line, and written only if there is none."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.city import clock as city_clock
from hues.duty.actions.noting import note
from hues.duty.actions.shifts import check_may_roster, check_span
from hues.duty.models import Member, Role, Shift, Team
from hues.duty.queries.teams import team_for
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid, Problem
from hues.kernel.text import vn_fold

MOST_LINES, MOST_BYTES = 2_000, 500_000
# How people head the columns, without accents.
_HEADS = {
    "day": {"ngay", "day", "date"},
    "start": {"tu", "bat dau", "from", "start"},
    "end": {"den", "ket thuc", "to", "until", "end"},
    "person": {"tai khoan", "can bo", "ho ten", "nguoi truc", "person", "account", "username", "name"},
    "role": {"vai tro", "role"},
    "standby": {"du phong", "thuong truc tai nha", "standby"},
}
_ROLES = {
    "": Role.MEMBER, "member": Role.MEMBER, "thanh vien": Role.MEMBER, "chief": Role.CHIEF, "to truong": Role.CHIEF,
    "doi truong": Role.CHIEF, "shift_lead": Role.SHIFT_LEAD, "shift lead": Role.SHIFT_LEAD, "truong ca": Role.SHIFT_LEAD,
}  # fmt: skip
_YES, _NO = {"x", "1", "co", "yes", "true"}, {"", "0", "khong", "no", "false"}


@dataclass(frozen=True)
class Wrong:
    line: int  # as the spreadsheet counts, the heads being line 1
    text: str


@dataclass
class Imported:
    made: int = 0
    wrong: list[Wrong] = field(default_factory=list)


@dataclass(frozen=True)
class _Line:
    number: int
    shift: Shift


def import_roster(*, actor: Actor, team_id: UUID, content: bytes) -> Imported:
    """Add the shifts of a file to a team's roster, all or none. Raises Invalid for what is no such file at all.

    Columns: day, from, until, person (user name, or the name if only one has it), role, standby; heads in either language.
    """
    with transaction.atomic():
        team = team_for(actor, team_id, lock=True)
        check_may_roster(actor, team)
        found = Imported()
        lines = list(_read(team, content, found))
        _check_clashes(lines, found)
        if found.wrong or not lines:
            found.wrong.sort(key=lambda wrong: wrong.line)
            return found
        Shift.objects.bulk_create([line.shift for line in lines], batch_size=1000)
        found.made = len(lines)
        said = {
            "made": found.made,
            "from": min(line.shift.starts_at for line in lines).isoformat(),
            "until": max(line.shift.ends_at for line in lines).isoformat(),
        }
        note(actor, "imported", ("team", team.pk), team, people={line.shift.person_id for line in lines}, staff=said)
        return found


def _read(team: Team, content: bytes, found: Imported) -> Iterator[_Line]:
    rows = _rows(content)
    columns = _columns(next(rows, []))
    people = _people(team)
    for number, row in enumerate(rows, 2):
        if number > MOST_LINES:
            raise Invalid(_("A file has %(most)d lines at the most.") % {"most": MOST_LINES})
        cells = {name: row[at].strip() if at < len(row) else "" for name, at in columns.items()}
        if not any(cells.values()):
            continue
        try:
            yield _Line(number, _shift(team, cells, people))
        except Problem as problem:
            found.wrong.append(Wrong(number, problem.detail))


def _rows(content: bytes) -> Iterator[list[str]]:
    if len(content) > MOST_BYTES:
        raise Invalid(_("The file is too large: 500 kB at the most."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(_("The file is not UTF-8. Save it as “CSV UTF-8”.")) from None
    if "\x00" in text:
        raise Invalid(_("This is not a CSV file."))
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator)


def _columns(head: list[str]) -> dict[str, int]:
    folded = [vn_fold(cell).strip() for cell in head]
    found = {name: at for name, words in _HEADS.items() for at, cell in enumerate(folded) if cell in words}
    if missing := [name for name in ("day", "start", "end", "person") if name not in found]:
        names = {"day": _("day"), "start": _("from"), "end": _("until"), "person": _("account")}
        text = _("The first line must name the columns; missing: %(columns)s.")
        raise Invalid(text % {"columns": ", ".join(names[name] for name in missing)})
    return found


def _people(team: Team) -> Mapping[str, Member | None]:
    """Members by user name and by name; a name that two people have is nobody's."""
    found: dict[str, Member | None] = {}
    members = Member.objects.filter(team=team, valid_to=None, person__is_active=True).select_related("person")
    for member in members:
        name = vn_fold(member.person.display_name)
        found[name] = None if name in found else member
    for member in members:
        found[vn_fold(member.person.username)] = member
    return found


def _shift(team: Team, cells: Mapping[str, str], people: Mapping[str, Member | None]) -> Shift:
    typed = cells["person"]
    member = people.get(vn_fold(typed))
    if member is None:
        if vn_fold(typed) in people:
            raise Invalid(_("Two members are called “%(name)s”: use the account's name.") % {"name": typed})
        raise Invalid(_("“%(name)s” is no member of this team.") % {"name": typed})
    day = _day(cells["day"])
    start, end = _moment(day, cells["start"]), _moment(day, cells["end"])
    if end <= start:
        end = _moment(day + timedelta(days=1), cells["end"])
    check_span(start, end)
    role, standby = vn_fold(cells.get("role", "")), vn_fold(cells.get("standby", ""))
    if role not in _ROLES:
        raise Invalid(_("“%(text)s” is no role. Use: member, chief, shift_lead.") % {"text": cells["role"]})
    if standby not in _YES | _NO:
        raise Invalid(_("Standby is x, or empty; not “%(text)s”.") % {"text": cells["standby"]})
    return Shift(
        team=team, person=member.person, starts_at=start, ends_at=end, role=_ROLES[role] if role else member.role,
        standby=standby in _YES, source=Shift.Source.IMPORT, touched=True, changed_at=clock.now(),
    )  # fmt: skip


def _day(text: str) -> date:
    for pattern in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"):
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise Invalid(_("“%(text)s” is no day. Write 2026-11-28 or 28/11/2026.") % {"text": text})


def _moment(day: date, text: str) -> datetime:
    for pattern in ("%H:%M", "%H.%M", "%Hh%M", "%H:%M:%S"):
        try:
            at = datetime.strptime(text, pattern).time()  # noqa: DTZ007 - the zone follows
            return datetime.combine(day, at, city_clock.city_zone())
        except ValueError:
            continue
    raise Invalid(_("“%(text)s” is no time of day. Write 07:30.") % {"text": text})


def _check_clashes(lines: list[_Line], found: Imported) -> None:
    """Against the shifts that are there, and against earlier lines of the file."""
    if not lines:
        return
    first, last = min(one.shift.starts_at for one in lines), max(one.shift.ends_at for one in lines)
    there = Shift.objects.filter(
        person__in={one.shift.person_id for one in lines}, called_off=False, starts_at__lt=last, ends_at__gt=first
    ).select_related("team")
    taken: dict[UUID, list[tuple[Shift, int]]] = {}
    for shift in there:
        taken.setdefault(shift.person_id, []).append((shift, 0))
    for line in lines:
        mine, others = line.shift, taken.setdefault(line.shift.person_id, [])
        other = next((o for o in others if o[0].starts_at < mine.ends_at and mine.starts_at < o[0].ends_at), None)
        if other is None:
            others.append((mine, line.number))
        elif other[1]:
            text = _("%(name)s would be on duty twice: see line %(line)d.")
            found.wrong.append(Wrong(line.number, text % {"name": mine.person.name, "line": other[1]}))
        else:
            text = _("%(name)s has a shift then already: %(team)s, %(start)s to %(end)s.")
            times = {"start": city_clock.time_text(other[0].starts_at), "end": city_clock.time_text(other[0].ends_at)}
            found.wrong.append(
                Wrong(line.number, text % {"name": mine.person.name, "team": other[0].team.name, **times})
            )
