"""Moderation keeps originals: each version of what the public sees stays readable for the centre, and for nobody else."""

from collections.abc import Callable

from django.test import Client

from hues.cases import actions, moderation
from hues.cases.models import Case
from hues.people.models import User
from tests.cases.conftest import People

Open = Callable[..., Case]


def client_of(user_id: object) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user_id))
    return client


def test_every_version_is_kept_and_the_original_never_changes(people: People, open_case: Open) -> None:
    case = open_case(body="Đèn tắt trước nhà bà Lan, 0905 111 222")
    accepted = {"agency": "HEP", "visibility": "public", "public_body": "Đèn tắt", "public_address": "Lê Lợi"}
    actions.take_step(actor=people.operator, code=case.code, step="accept", data=accepted)
    actions.moderate_case(
        actor=people.lead,
        code=case.code,
        public_body="Đèn đường tắt",
        public_address="Đường Lê Lợi",
        visibility="masked",
    )
    case.refresh_from_db()
    assert case.body == "Đèn tắt trước nhà bà Lan, 0905 111 222", "the sender's own words"
    second, first = moderation.versions(case.pk)
    assert (first.before, first.after["public_body"]) == ({}, "Đèn tắt")
    assert (second.before["public_body"], second.after["public_body"]) == ("Đèn tắt", "Đèn đường tắt")
    assert second.changed == ["visibility", "public_body", "public_address"]
    assert second.who == people.lead.name


def test_the_centre_reads_and_changes_them_at_the_desk_others_do_not(people: People, open_case: Open) -> None:
    case = open_case()
    accepted = {"agency": "HEP", "visibility": "public", "public_body": "Bản đầu", "public_address": "Lê Lợi"}
    actions.take_step(actor=people.operator, code=case.code, step="accept", data=accepted)
    case.refresh_from_db()
    lead = client_of(people.lead.id)
    address = f"/desk/cases/{case.code}"
    form = {"public_body": "Bản hai", "public_address": "Lê Lợi", "visibility": "public", "version": case.version}
    assert lead.post(f"{address}/moderate", form).status_code == 302
    assert lead.post(f"{address}/moderate", form).status_code == 302, "outdated: told, nothing changed"
    panels = lead.get(f"{address}/panels").text
    assert "<del" in panels and "Bản đầu" in panels and "Bản hai" in panels and "Về người gửi" in panels
    operator = client_of(people.operator.id).get(f"{address}/panels").text
    assert "Bản đầu" in operator and "Về người gửi" not in operator
    assert len(moderation.versions(case.pk)) == 2
    officer = people.staff("officer", Case.objects.get(pk=case.pk).agency)
    agency = client_of(officer.id)
    assert "Bản đầu" not in agency.get(f"{address}/panels").text
    assert agency.post(f"{address}/moderate", form).status_code in (403, 404)
    assert "Bản đầu" not in Client().get(f"/cases/{case.code}").text
