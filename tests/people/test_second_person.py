"""No administrator alone makes a second person to decide with, and none gets into the account of one."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from hues.kernel import clock
from hues.kernel.actors import SYSTEM
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.models import JournalEntry
from hues.people import actions, jobs, mfa
from hues.people.actions import second_person as acts
from hues.people.models import AdministratorAct, Membership, Passkey, Session, User
from hues.people.second_person import password_opens, setup_act
from tests.people.conftest import NOW, PASSWORD, actor, sign_in, totp

Make = Callable[..., User]
DECIDING = ("lead", "auditor", "administrator")


@pytest.fixture
def second(make_staff: Make, administrator: User) -> User:
    return make_staff("quan.tri.hai", "administrator")


def with_factor(user: User) -> User:
    secret = mfa.new_secret()
    assert mfa.activate(user, secret, totp(secret))
    return user


@pytest.fixture
def lead(make_staff: Make) -> User:
    return with_factor(make_staff("truong.ca", "lead"))


def confirmed(client: Client, user: User) -> Client:
    """Signed in, and sure to be themselves just now."""
    sign_in(client, user)
    session = client.session
    session["confirmed"] = {"user": str(user.pk), "at": clock.now().timestamp(), "signing_in": False}
    session.save()
    return client


@pytest.mark.parametrize("role", DECIDING)
def test_the_way_into_a_deciding_account_takes_two(
    make_staff: Make, administrator: User, second: User, role: str
) -> None:
    user, one, other = with_factor(make_staff("le.loi", role)), actor(administrator), actor(second)
    Passkey.objects.create(user=user, credential_id=b"x", credential=b"x", name="Máy", created_at=NOW)
    with pytest.raises(Forbidden):
        actions.reset_second_factor(actor=one, user_id=user.pk)
    act = actions.ask_reset(actor=one, user_id=user.pk)
    with pytest.raises(Conflict):
        actions.ask_reset(actor=other, user_id=user.pk)
    with pytest.raises(Forbidden):
        actions.decide_act(actor=one, act_id=act.pk, approve=True)
    assert mfa.has_totp(user) and user.passkeys.exists()
    code = actions.decide_act(actor=other, act_id=act.pk, approve=True)
    assert code and not mfa.has_totp(user) and not user.passkeys.exists()
    with pytest.raises(Conflict):
        actions.decide_act(actor=other, act_id=act.pk, approve=True)
    assert code not in str(JournalEntry.objects.values_list("parts", flat=True))


def test_the_new_second_factor_needs_the_code_that_only_the_second_one_knows(
    administrator: User, second: User, lead: User
) -> None:
    act = actions.ask_reset(actor=actor(administrator), user_id=lead.pk)
    code = actions.decide_act(actor=actor(second), act_id=act.pk, approve=True)
    actions.set_password(actor=actor(administrator), user_id=lead.pk, password="một mật khẩu hoàn toàn khác")
    secret = mfa.new_secret()
    for wrong in ("", "CD-2222-22222222", code[:-1]):
        with pytest.raises(Invalid) as refused:
            actions.set_up_second_factor(user=lead, secret=secret, code=totp(secret), setup_code=wrong)
        assert "setup_code" in refused.value.fields
    with pytest.raises(Invalid):  # a slip with the app does not use up the code
        actions.set_up_second_factor(user=lead, secret=secret, code="000000", setup_code=code)
    assert not mfa.has_totp(lead)
    actions.set_up_second_factor(user=lead, secret=secret, code=totp(secret), setup_code=f" {code.lower()} ")
    assert mfa.has_totp(lead) and setup_act(lead) is None


def test_a_code_that_ran_out_opens_nothing(administrator: User, second: User, lead: User) -> None:
    act = actions.ask_reset(actor=actor(administrator), user_id=lead.pk)
    code = actions.decide_act(actor=actor(second), act_id=act.pk, approve=True)
    secret = mfa.new_secret()
    with clock.at(clock.now() + timedelta(hours=73)):
        with pytest.raises(Invalid):
            actions.set_up_second_factor(user=lead, secret=secret, code=totp(secret), setup_code=code)
        again = actions.ask_reset(actor=actor(administrator), user_id=lead.pk)
        fresh = actions.decide_act(actor=actor(second), act_id=again.pk, approve=True)
        actions.set_up_second_factor(user=lead, secret=secret, code=totp(secret), setup_code=fresh)


def test_a_new_password_by_itself_opens_nothing(administrator: User, second: User, make_staff: Make) -> None:
    new = make_staff("chua.vao", "auditor")
    assert password_opens(new)
    with pytest.raises(Conflict):
        actions.set_password(actor=actor(administrator), user_id=new.pk, password="một mật khẩu hoàn toàn khác")
    act = actions.ask_reset(actor=actor(administrator), user_id=new.pk)
    actions.decide_act(actor=actor(second), act_id=act.pk, approve=True)
    actions.set_password(actor=actor(administrator), user_id=new.pk, password="một mật khẩu hoàn toàn khác")


@pytest.mark.parametrize("role", DECIDING)
def test_a_deciding_role_takes_two_for_oneself_and_for_others(
    make_staff: Make, administrator: User, second: User, role: str
) -> None:
    one, other, friend = actor(administrator), actor(second), make_staff("ban.than")
    for whom in (administrator, friend):
        if role == "administrator" and whom is administrator:
            continue
        with pytest.raises(Forbidden):
            actions.grant_role(actor=one, user_id=whom.pk, role=role)
        act = actions.ask_role(actor=one, user_id=whom.pk, role=role)
        with pytest.raises(Forbidden):
            actions.decide_act(actor=one, act_id=act.pk, approve=True)
        assert not actor(whom).has(role)
        actions.decide_act(actor=other, act_id=act.pk, approve=True)
        assert actor(whom).has(role)


def test_nobody_approves_their_own_role(administrator: User, second: User) -> None:
    act = actions.ask_role(actor=actor(administrator), user_id=second.pk, role="lead")
    with pytest.raises(Forbidden):
        actions.decide_act(actor=actor(second), act_id=act.pk, approve=True)
    for decider in (administrator, second):  # nor past the code
        with pytest.raises(IntegrityError), transaction.atomic():
            AdministratorAct.objects.filter(pk=act.pk).update(state="done", decided_by=decider)


def test_ending_a_role_or_an_administrator_first_is_no_way_round(administrator: User, second: User, lead: User) -> None:
    one = actor(administrator)
    for user in (second, lead):
        actions.end_role(actor=one, membership_id=Membership.objects.get(user=user).pk)
    with pytest.raises(Forbidden):
        actions.grant_role(actor=one, user_id=administrator.pk, role="lead")
    with pytest.raises(Forbidden):
        actions.reset_second_factor(actor=one, user_id=lead.pk)
    with clock.at(clock.now() + timedelta(days=31)):
        actions.grant_role(actor=one, user_id=administrator.pk, role="lead")
        actions.reset_second_factor(actor=SYSTEM, user_id=lead.pk)


def test_a_city_with_one_administrator_can_begin(administrator: User, make_staff: Make) -> None:
    new = make_staff("nguoi.moi")
    actions.grant_role(actor=actor(administrator), user_id=new.pk, role="administrator")
    with pytest.raises(Forbidden):
        actions.grant_role(actor=actor(administrator), user_id=new.pk, role="lead")
    other = make_staff("can.bo")
    actions.grant_role(actor=actor(administrator), user_id=other.pk, role="officer", agency="HEP")


def test_who_is_no_administrator_any_more_asked_for_nothing(administrator: User, second: User, lead: User) -> None:
    act = actions.ask_reset(actor=actor(administrator), user_id=lead.pk)
    actions.end_role(actor=actor(second), membership_id=Membership.objects.get(user=administrator).pk)
    with pytest.raises(Conflict):
        actions.decide_act(actor=actor(second), act_id=act.pk, approve=True)
    assert mfa.has_totp(lead)


def test_it_ends_after_a_day(administrator: User, second: User, lead: User) -> None:
    act = actions.ask_reset(actor=actor(administrator), user_id=lead.pk)
    with clock.at(clock.now() + timedelta(hours=24, seconds=1)):
        with pytest.raises(Conflict):
            actions.decide_act(actor=actor(second), act_id=act.pk, approve=True)
        jobs.keep_promises(0)
        act.refresh_from_db()
        assert act.state == "expired" and acts.end_outdated() == 0


def test_everybody_concerned_is_told_and_all_is_in_the_journal(administrator: User, second: User, lead: User) -> None:
    act = actions.ask_reset(actor=actor(administrator), user_id=lead.pk)
    actions.decide_act(actor=actor(second), act_id=act.pk, approve=False)
    rows = {row.action: row for row in JournalEntry.objects.filter(subject_id=lead.pk, action__contains="reset_")}
    told = {name: {one["person_id"] for one in row.parts["notify"]} for name, row in rows.items()}
    assert told == {
        "people.reset_asked": {str(lead.pk), str(second.pk)},
        "people.reset_refused": {str(lead.pk), str(administrator.pk)},
    }
    assert rows["people.reset_asked"].actor_id == administrator.pk
    assert rows["people.reset_refused"].actor_id == second.pk


def test_its_owner_says_yes_with_a_recovery_code_or_no(
    client: Client, administrator: User, second: User, lead: User
) -> None:
    act = actions.ask_reset(actor=actor(administrator), user_id=lead.pk)
    page = sign_in(client, lead).get("/staff/account").text
    assert administrator.name in page and str(act.pk) in page
    with pytest.raises(NotFound):
        actions.answer_own_reset(actor=actor(second), user=second, act_id=act.pk, approve=False)
    assert client.post("/staff/account", {"act": act.pk, "do": "approve", "recovery": "12345678"}).status_code == 422
    recovery = mfa.recovery_codes(lead)[0]
    shown = client.post("/staff/account", {"act": act.pk, "do": "approve", "recovery": recovery})
    assert shown.status_code == 200 and "CD-" in shown.text and not mfa.has_totp(lead)
    assert not Session.objects.filter(user=lead).exists()

    with_factor(second)
    act = actions.ask_reset(actor=actor(administrator), user_id=second.pk)
    sign_in(client, second).post("/staff/account", {"act": act.pk, "do": "refuse"})
    act.refresh_from_db()
    assert act.state == "refused" and mfa.has_totp(second)


def test_it_is_done_on_the_page_of_the_person(client: Client, administrator: User, second: User, lead: User) -> None:
    here = f"/admin/people/{lead.pk}"
    sign_in(client, administrator).post(here, {"do": "factor"})
    act = AdministratorAct.objects.get()
    assert 'value="approve"' not in client.get(here).text
    assert mfa.has_totp(lead)
    other = sign_in(Client(), second)
    assert str(lead.pk) in other.get("/admin/people").text and "/confirm" in other.get(here).text
    assert other.post(here, {"do": "approve", "act": act.pk}).status_code == 409  # not without being sure
    confirmed(other, second)
    assert 'value="approve"' in other.get(here).text
    assert other.post(here, {"do": "approve", "act": "x"}).status_code == 409
    done = other.post(here, {"do": "approve", "act": act.pk})
    assert done.status_code == 200 and "CD-" in done.text and "CD-" not in other.get(here).text
    assert not mfa.has_totp(lead)


def test_a_role_is_asked_for_on_the_page(client: Client, administrator: User, second: User, make_staff: Make) -> None:
    new = make_staff("le.lai")
    here = f"/admin/people/{new.pk}"
    confirmed(client, administrator).post(here, {"do": "grant", "role": "lead"})
    act = AdministratorAct.objects.get()
    assert client.post(here, {"do": "approve", "act": act.pk}).status_code == 403
    assert not actor(new).grants
    assert "CD-" in confirmed(Client(), second).post(here, {"do": "approve", "act": act.pk}).text
    assert actor(new).has("lead")


def test_the_setup_page_asks_for_the_code(client: Client, administrator: User, second: User, make_staff: Make) -> None:
    new = make_staff("le.lai")
    act = actions.ask_role(actor=actor(administrator), user_id=new.pk, role="lead")
    code = actions.decide_act(actor=actor(second), act_id=act.pk, approve=True)
    client.post("/staff/login", {"username": new.username, "password": PASSWORD})
    page = client.get("/staff/mfa/setup")
    assert 'name="setup_code"' in page.text
    secret = "".join(page.context["secret"].split())
    assert client.post("/staff/mfa/setup", {"code": totp(secret)}).status_code == 422
    assert client.post("/staff/mfa/setup", {"code": totp(secret), "setup_code": code}).status_code == 200
    assert mfa.has_totp(new)
