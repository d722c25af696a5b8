"""Rosters in and out: CSV with every mistake named, a calendar for the telephone."""

import csv
import io
from datetime import UTC

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from hues.duty import actions, ics, queries
from hues.duty.models import Shift, Team
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden, Invalid
from tests.duty.conftest import MONDAY, Staff, local, shift

HEAD = "ngày,từ,đến,tài khoản,vai trò,dự phòng\n"


def read(who: Actor, team: Team, text: str) -> actions.Imported:
    return actions.import_roster(actor=who, team_id=team.pk, content=text.encode())


def test_a_roster_is_read_whole(head: Actor, team: Team, staff: Staff, crew: list[Actor]) -> None:
    binh = staff.user("Binh").username
    done = read(
        head,
        team,
        "\ufeff" + HEAD + f"2026-10-06,07:30,19:30,{binh},trưởng ca,\n06/10/2026,19:30,07:30,Chi,,x\n,,,,,\n",
    )
    assert (done.made, done.wrong) == (2, [])
    first, second = Shift.objects.filter(team=team).order_by("starts_at")
    assert (first.person_id, first.role, first.standby, first.source) == (crew[1].id, "shift_lead", False, "import")
    assert (second.starts_at, second.ends_at, second.standby) == (
        local("2026-10-06", "19:30"),
        local("2026-10-07", "07:30"),
        True,
    )


def test_other_separators_and_english_heads(head: Actor, team: Team) -> None:
    assert read(head, team, "Day;From;Until;Person\n2026-10-06;7:30;19.30;Binh\n").made == 1


def test_every_wrong_line_is_named_and_nothing_is_written(head: Actor, team: Team, crew: list[Actor]) -> None:
    shift(head, team, crew[3], "2026-10-06", "10:00", "12:00")
    done = read(
        head, team,
        HEAD + "2026-10-06,07:30,19:30,Binh,,\n"  # 2: right
        "2026-13-06,07:30,19:30,Binh,,\n"  # 3: no such month
        "2026-10-07,7 sáng,19:30,Binh,,\n"  # 4: no time
        "2026-10-07,07:30,19:30,Ông Lạ,,\n"  # 5: a stranger
        "2026-10-06,19:00,23:00,Binh,,\n"  # 6: on duty already, by line 2
        "2026-10-06,11:00,15:00,Dung,,\n"  # 7: has a shift in the roster
        "2026-10-07,07:30,19:30,Chi,trưởng phòng,\n"  # 8: no such role
        "2026-10-07,07:30,19:30,Chi,,có lẽ\n"  # 9: perhaps
        "2026-09-01,07:30,19:30,Chi,,\n",  # 10: over
    )  # fmt: skip
    assert done.made == 0 and [wrong.line for wrong in done.wrong] == [3, 4, 5, 6, 7, 8, 9, 10]
    assert "dòng 2" in done.wrong[3].text and "Đội sửa chữa nóng" in done.wrong[4].text
    assert Shift.objects.count() == 1


def test_a_name_that_two_have_needs_the_account(head: Actor, team: Team, staff: Staff, power: object) -> None:
    from hues.people.models import User

    User.objects.filter(pk=staff.made["Chi"].id).update(display_name="Bình")
    done = read(head, team, HEAD + "2026-10-06,07:30,19:30,binh,,\n")
    assert "Hai thành viên" in done.wrong[0].text or "hai thành viên" in done.wrong[0].text
    assert read(head, team, HEAD + f"2026-10-06,07:30,19:30,{staff.user('Binh').username},,\n").made == 1


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", "ngày,từ".encode("utf-16"), b"x" * 600_000, b"ng\x00y"])
def test_what_is_no_roster_is_refused(head: Actor, team: Team, content: bytes) -> None:
    with pytest.raises(Invalid):
        actions.import_roster(actor=head, team_id=team.pk, content=content)


def test_only_who_keeps_the_roster_imports(team: Team, crew: list[Actor]) -> None:
    with pytest.raises(Forbidden):
        read(crew[1], team, HEAD)


def test_what_goes_out_comes_in_again_and_holds_no_formula(
    client: Client, head: Actor, team: Team, staff: Staff, crew: list[Actor]
) -> None:
    one = shift(head, team, crew[1], "2026-10-06", "19:30", "07:30", role="chief", standby=True)
    team.name = "=cmd|' /C calc'!A1"
    team.save()
    client.force_login(staff.user("Head"))
    answer = client.get("/desk/duty/roster.csv?agency=PCH&day=2026-10-05")
    text = answer.content.decode()
    assert "attachment" in answer["Content-Disposition"] and "'=cmd" in text and "\n=" not in text
    row = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))[1]
    assert row[:3] == ["2026-10-06", "19:30", "07:30"]
    Shift.objects.all().delete()
    assert read(head, team, text).made == 1
    again = Shift.objects.get()
    assert (again.starts_at, again.ends_at, again.role, again.standby) == (one.starts_at, one.ends_at, "chief", True)


# Calendars


def unfold(text: str) -> list[str]:
    """RFC 5545 §3.1."""
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def test_a_calendar_has_my_shifts_and_nobody_elses(client: Client, head: Actor, team: Team, crew: list[Actor]) -> None:
    Team.objects.filter(pk=team.pk).update(
        name="Đội; sửa chữa, nóng\\", base_name="Điện lực khu vực Bắc sông Hương, số 1 đường rất dài không có hồi kết"
    )
    mine = shift(head, team, crew[1], "2026-10-06", "19:30", "07:30")
    shift(head, team, crew[2], "2026-10-06", "07:30", "19:30")
    path = actions.feed_path(actor=crew[1])
    answer = client.get(path)
    assert answer.status_code == 200 and answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in answer["Cache-Control"]
    lines = unfold(answer.content.decode())
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-1] == "END:VCALENDAR" and lines.count("BEGIN:VEVENT") == 1
    stamp = f"{mine.starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    assert f"DTSTART:{stamp}" in lines and stamp == "20261006T123000Z" and "DTEND:20261007T003000Z" in lines
    assert "SUMMARY:Trực: Đội\\; sửa chữa\\, nóng\\\\" in lines
    assert any(line.startswith(f"UID:{mine.pk}@") for line in lines)
    assert not any("Chi" in line for line in lines)


def test_a_swap_moves_the_event(client: Client, head: Actor, team: Team, crew: list[Actor]) -> None:
    mine = shift(head, team, crew[1], "2026-10-06", "07:30", "19:30")
    actions.hand_over(actor=head, shift_id=mine.pk, person_id=crew[2].id)
    assert b"VEVENT" not in client.get(actions.feed_path(actor=crew[1])).content
    assert b"VEVENT" in client.get(actions.feed_path(actor=crew[2])).content


def test_a_renewed_address_makes_the_old_one_worthless(
    client: Client, team: Team, crew: list[Actor], staff: Staff
) -> None:
    old = actions.feed_path(actor=crew[1])
    assert actions.feed_path(actor=crew[1]) == old
    new = actions.renew_feed(actor=crew[1])
    assert client.get(old).status_code == 404 and client.get(new).status_code == 200
    token = new.rpartition("/")[2].removesuffix(".ics")
    spelled_otherwise = [token[:-1] + letter for letter in "abcdefghijklmnopqrstuvwxyz234567" if letter != token[-1]]
    for forged in (*spelled_otherwise, token.upper(), "x", "a" * 58, token[:20] + "a" * 38, "é"):
        assert client.get(f"/duty/calendar/{forged}.ics").status_code == 404
    user = staff.user("Binh")
    user.is_active = False
    user.save()
    assert client.get(new).status_code == 404


@given(st.text(max_size=120))
def test_no_text_breaks_out_of_its_line(name: str) -> None:
    text = ics.calendar([], name=name.encode("utf-8", "replace").decode(), host="x", now=MONDAY)
    assert [line.split(":")[0].split(";")[0] for line in unfold(text)] == [
        "BEGIN", "VERSION", "PRODID", "CALSCALE", "METHOD", "X-WR-CALNAME", "NAME", "REFRESH-INTERVAL", "X-PUBLISHED-TTL", "END",
    ]  # fmt: skip


def test_the_week_shows_what_was_imported(head: Actor, team: Team, power: object) -> None:
    read(head, team, HEAD + "2026-10-06,07:30,19:30,Binh,,\n")
    with clock.at(MONDAY):
        (one,) = queries.week(team.agency, MONDAY.date()).teams
    assert [turn.name for row in one.days[1].rows for turn in row.people] == ["Binh"]
