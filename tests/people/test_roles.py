"""Who may do what, from when to when, and who gives it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import LazySettings

from hues.config import settings as real_settings
from hues.kernel import clock
from hues.kernel.actors import GUEST, SYSTEM, Actor, Grant
from hues.kernel.errors import Conflict, Invalid, NotFound
from hues.kernel.models import JournalEntry
from hues.people import actions, queries
from hues.people.models import Membership, User
from tests.people.conftest import PASSWORD, actor

Make = Callable[..., User]


def test_a_role_holds_from_its_first_day_to_the_eve_of_its_last_in_the_city_s_own_time(make_staff: Make) -> None:
    user = make_staff("le.loi")
    actions.grant_role(
        actor=SYSTEM,
        user_id=user.pk,
        role="officer",
        agency="HEP",
        valid_from=date(2026, 12, 1),
        valid_to=date(2026, 12, 3),
    )
    agency_id = Membership.objects.get(user=user).agency_id
    held = []
    # Midnight in Huế is 17:00 of the day before in UTC.
    for moment in (
        datetime(2026, 11, 30, 16, 59, tzinfo=UTC), datetime(2026, 11, 30, 17, 0, tzinfo=UTC),
        datetime(2026, 12, 2, 16, 59, tzinfo=UTC), datetime(2026, 12, 2, 17, 0, tzinfo=UTC),
    ):  # fmt: skip
        with clock.at(moment):
            held.append(actor(user).grants)
    there = frozenset({Grant("officer", agency_id)})
    assert held == [frozenset(), there, there, frozenset()]


def test_an_actor_is_the_same_however_it_is_read(
    make_staff: Make, django_assert_num_queries: Callable[..., object]
) -> None:
    user = make_staff("le.loi", ("officer", "HEP"), ("head", "CVX"), "auditor")
    queries.today()
    with django_assert_num_queries(1):
        read = queries.account(user.pk)
        whole = queries.actor_for(read)
    assert whole == queries.actor_for(user)
    assert whole.has("head") and len(whole.agency_ids) == 2 and not whole.in_centre
    assert queries.actor_for(None) == GUEST


def test_a_citizen_is_a_citizen_and_nothing_else(citizen: User) -> None:
    who = actor(citizen)
    assert who.kind == "citizen" and who.grants == {Grant("citizen")} and citizen.username in who.name


def test_ending_a_role_takes_effect_at_once(make_staff: Make, administrator: User) -> None:
    user = make_staff("le.loi", "operator")
    assert actor(user).in_centre
    actions.end_role(actor=actor(administrator), membership_id=Membership.objects.get(user=user).pk)
    assert not actor(user).grants


@pytest.mark.parametrize(("role", "agency", "field"), [
    ("king", "", "role"), ("", "", "role"), ("citizen", "", "role"), ("officer", "", "agency"), ("head", "NOWHERE", "agency"),
    ("operator", "HEP", "agency"), ("administrator", "HEP", "agency"),
])  # fmt: skip
def test_a_role_must_fit_where_it_is_held(make_staff: Make, role: str, agency: str, field: str) -> None:
    user = make_staff("le.loi")
    with pytest.raises(Invalid) as refused:
        actions.grant_role(actor=SYSTEM, user_id=user.pk, role=role, agency=agency)
    assert field in refused.value.fields


def test_a_role_cannot_end_before_it_begins(make_staff: Make) -> None:
    with pytest.raises(Invalid):
        actions.grant_role(
            actor=SYSTEM,
            user_id=make_staff("le.loi").pk,
            role="lead",
            valid_from=date(2026, 5, 2),
            valid_to=date(2026, 5, 2),
        )


def test_a_citizen_cannot_be_given_a_role(citizen: User) -> None:
    with pytest.raises(NotFound):
        actions.grant_role(actor=SYSTEM, user_id=citizen.pk, role="operator")


def test_only_administrators_change_accounts(make_staff: Make, citizen: User) -> None:
    target = make_staff("muc.tieu")
    others = [actor(make_staff(f"x.{role}", role)) for role in ("operator", "lead", "auditor")]
    others += [actor(make_staff(f"x.{role}", (role, "HEP"))) for role in ("officer", "head")]
    others += [
        actor(citizen),
        GUEST,
        Actor("key", uuid4(), "program", frozenset({Grant("administrator")}), scopes=frozenset({"reports"})),
    ]
    deeds: list[Callable[[Actor], object]] = [
        lambda who: actions.create_staff(actor=who, username="moi.toanh", password=PASSWORD),
        lambda who: actions.set_password(actor=who, user_id=target.pk, password=PASSWORD),
        lambda who: actions.grant_role(actor=who, user_id=target.pk, role="administrator"),
        lambda who: actions.end_role(actor=who, membership_id=1),
        lambda who: actions.deactivate(actor=who, user_id=target.pk),
        lambda who: actions.reactivate(actor=who, user_id=target.pk),
        lambda who: actions.reset_second_factor(actor=who, user_id=target.pk),
        lambda who: actions.create_key(actor=who, name="x", scopes=["open311"]),
        lambda who: actions.revoke_key(actor=who, key_id=uuid4()),
    ]
    before = User.objects.count()
    for who in others:
        for deed in deeds:
            with pytest.raises(NotFound):
                deed(who)
    assert User.objects.count() == before and not target.memberships.exists()


def test_the_last_administrator_stays(administrator: User, make_staff: Make) -> None:
    membership = Membership.objects.get(user=administrator)
    for deed in (
        lambda: actions.end_role(actor=SYSTEM, membership_id=membership.pk),
        lambda: actions.deactivate(actor=SYSTEM, user_id=administrator.pk),
    ):
        with pytest.raises(Conflict):
            deed()
    make_staff("nguoi.ke.nhiem", "administrator")
    actions.deactivate(actor=SYSTEM, user_id=administrator.pk)


@pytest.mark.parametrize(
    "username", ["", "ab", "Lê Lợi", "a b c", "-abc", "abc-", "x" * 65, "abc\x00", "admin@hue", "..", "ab\n"]
)
def test_a_user_name_is_plain(username: str) -> None:
    with pytest.raises(Invalid) as refused:
        actions.create_staff(actor=SYSTEM, username=username, password=PASSWORD)
    assert "username" in refused.value.fields


@pytest.mark.parametrize("password", ["", "short", "password1234", "x" * 300])
def test_a_password_is_long_and_not_common(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        actions.create_staff(actor=SYSTEM, username="le.loi", password=password)
    assert refused.value.fields["password"]


def test_passwords_are_kept_as_argon2id(settings: LazySettings, make_staff: Make) -> None:
    settings.PASSWORD_HASHERS = real_settings.PASSWORD_HASHERS
    user = make_staff("le.loi")
    assert user.password.startswith("argon2$argon2id$") and user.check_password(PASSWORD)


def test_a_user_name_is_taken_once(make_staff: Make) -> None:
    make_staff("le.loi")
    with pytest.raises(Conflict):
        actions.create_staff(actor=SYSTEM, username=" LE.LOI ", password=PASSWORD)


def test_every_change_is_in_the_journal_and_no_password_is(administrator: User) -> None:
    who = actor(administrator)
    user = actions.create_staff(actor=who, username="le.loi", password=PASSWORD)
    membership = actions.grant_role(actor=who, user_id=user.pk, role="head", agency="HEP")
    actions.end_role(actor=who, membership_id=membership.pk)
    actions.set_password(actor=who, user_id=user.pk, password="một mật khẩu hoàn toàn khác")
    actions.deactivate(actor=who, user_id=user.pk)
    actions.reactivate(actor=who, user_id=user.pk)
    entries = JournalEntry.objects.filter(subject_id=user.pk).order_by("id")
    assert [(entry.action, entry.actor_id) for entry in entries] == [
        (f"people.{verb}", administrator.pk)
        for verb in ("staff_created", "role_granted", "role_ended", "password_set", "deactivated", "reactivated")
    ]
    assert all(set(entry.parts) == {"audit"} for entry in entries)
    assert PASSWORD not in str([entry.parts for entry in entries])


def test_a_role_that_was_ended_can_begin_anew(make_staff: Make) -> None:
    user = make_staff("le.loi", "lead")
    actions.end_role(actor=SYSTEM, membership_id=Membership.objects.get(user=user).pk)
    with clock.at(clock.now() + timedelta(days=3)):
        actions.grant_role(actor=SYSTEM, user_id=user.pk, role="lead")
        assert actor(user).in_centre
    assert Membership.objects.filter(user=user).count() == 1
