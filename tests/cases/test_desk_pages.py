"""The desk, page by page: what comes next is first, what the citizen will read is shown, whoever was slower is told, few statements."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from hues.cases.actions import open_case, take_step
from hues.cases.models import Case, CaseMessage
from hues.kernel.actors import SYSTEM, Actor
from hues.people import actions
from hues.people.models import User
from hues.people.queries import account, actor_for
from tests.cases.conftest import INSIDE, make_user

LAMP = "DT01"


@pytest.fixture(autouse=True)
def _sandbox(settings: LazySettings, tmp_path: Path) -> Iterator[None]:
    settings.SANDBOX = True
    settings.STORAGES = settings.STORAGES | {
        "default": settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}}
    }
    yield


def staff(name: str, role: str, agency: str = "") -> tuple[Client, Actor]:
    user = make_user("staff", name)
    User.objects.filter(pk=user.pk).update(is_sample=True)
    actions.grant_role(actor=SYSTEM, user_id=user.pk, role=role, agency=agency)
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client, actor_for(account(user.pk))


@pytest.fixture
def operator() -> tuple[Client, Actor]:
    return staff("truc", "operator")


@pytest.fixture
def officer() -> tuple[Client, Actor]:
    return staff("can-bo", "officer", "CVX")


@pytest.fixture
def lamp() -> Case:
    citizen = make_user("citizen", "dan")
    actor = actor_for(account(citizen.pk))
    return open_case(actor=actor, category=LAMP, body="Đèn đường tắt ba hôm nay", address="27 Lê Lợi", **INSIDE)


def read(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()[-1500:]
    return answer.content.decode()


def step_names(page: str) -> list[str]:
    return re.findall(r'id="step-(\w+)"', page)


def photo() -> SimpleUploadedFile:
    out = BytesIO()
    Image.effect_noise((400, 300), 60).convert("RGB").save(out, "JPEG")
    return SimpleUploadedFile("sau.jpg", out.getvalue(), "image/jpeg")


def accepted(actor: Actor, case: Case) -> Case:
    return take_step(actor=actor, code=case.code, step="accept", data={"agency": "CVX"})


def test_what_comes_next_is_first_and_its_fields_are_in_the_order_of_the_definition(
    operator: tuple[Client, Actor], lamp: Case
) -> None:
    page = read(operator[0], f"/desk/cases/{lamp.code}")
    assert step_names(page)[0] == "accept" and 'class="step first"' in page
    names = re.findall(r'name="accept__(\w+)"', page)
    order = ["category", "agency", "priority", "visibility", "public_body", "public_address"]
    assert list(dict.fromkeys(n for n in names if n in order)) == order
    danger = [n for n in step_names(page) if n in ("reject", "redirect", "merge")]
    assert step_names(page)[-3:] == danger, "what cannot be taken back comes last"


def test_the_citizen_will_read_real_words(operator: tuple[Client, Actor], lamp: Case) -> None:
    page = read(operator[0], f"/desk/cases/{lamp.code}")
    assert "Người dân sẽ đọc" in page
    assert not re.search(r"\{(code|agency|due|title|text|reason|days|date|other)\}", page), "no placeholder is left"
    assert re.search(r'data-shows="accept__agency">[^<]*Công viên Cây xanh', page)


def test_each_role_sees_the_next_step_that_is_theirs(
    operator: tuple[Client, Actor], officer: tuple[Client, Actor], lamp: Case
) -> None:
    accepted(operator[1], lamp)
    assert step_names(read(officer[0], f"/desk/cases/{lamp.code}"))[0] == "start"
    assert 'class="step first"' not in read(operator[0], f"/desk/cases/{lamp.code}"), "now it is the agency's turn"
    officer[0].post(f"/desk/cases/{lamp.code}/steps/start")
    page = read(officer[0], f"/desk/cases/{lamp.code}")
    assert step_names(page)[0] == "answer"
    assert 'data-when="{&quot;answer__outcome&quot;: [&quot;planned_with_date&quot;]}"' in page


def test_from_acceptance_to_the_published_answer_through_the_forms(
    operator: tuple[Client, Actor], officer: tuple[Client, Actor], lamp: Case
) -> None:
    here = f"/desk/cases/{lamp.code}"
    operator[0].post(f"{here}/steps/accept", {"accept__agency": "CVX", "version": lamp.version})
    officer[0].post(f"{here}/steps/start")
    answer = {"answer__outcome": "fixed_with_evidence", "answer__text": "Đã thay bóng đèn tối nay, xin cảm ơn."}
    without = officer[0].post(f"{here}/steps/answer", answer)
    assert without.status_code == 422
    page = without.content.decode()
    assert "Đã thay bóng đèn" in page and 'id="step-answer"' in page, "what was typed is still there"
    done = officer[0].post(f"{here}/steps/answer", {**answer, "answer__files": photo()})
    assert done.status_code == 302
    gate = read(operator[0], here)
    assert step_names(gate)[0] == "publish" and gate.count('type="checkbox" name="publish__public_files"') == 1
    assert "option-card" in gate and "/thumb" in gate, "photos are chosen by looking at them"
    shown = re.findall(r'name="publish__public_files" value="([^"]+)"', gate)
    operator[0].post(f"{here}/steps/publish", {"publish__text": answer["answer__text"], "publish__public_files": shown})
    assert Case.objects.get(pk=lamp.pk).state == "published"
    assert "Đã thay bóng đèn" in read(Client(), f"/cases/{lamp.code}")


def test_whoever_was_slower_is_told_and_sees_the_case_as_it_is(operator: tuple[Client, Actor], lamp: Case) -> None:
    other, _ = staff("truc-2", "operator")
    page = read(operator[0], f"/desk/cases/{lamp.code}")
    version = re.findall(r'name="version" value="(\d+)"', page)[0]
    sent = {"accept__agency": "CVX", "version": version}
    assert other.post(f"/desk/cases/{lamp.code}/steps/accept", sent).status_code == 302
    late = operator[0].post(f"/desk/cases/{lamp.code}/steps/accept", sent)
    assert late.status_code == 409
    said = late.content.decode()
    assert "Thao tác của bạn chưa được gửi" in said
    assert "Công viên Cây xanh" in said and 'id="step-accept"' not in said


def test_nobody_types_an_answer_twice(
    operator: tuple[Client, Actor], officer: tuple[Client, Actor], lamp: Case
) -> None:
    here = f"/desk/cases/{lamp.code}"
    operator[0].post(f"{here}/steps/accept", {"accept__agency": "CVX", "version": lamp.version})
    officer[0].post(f"{here}/steps/start")
    page = read(officer[0], here)
    version = re.findall(r'name="version" value="(\d+)"', page)[0]
    colleague, _ = staff("cay-xanh-2", "officer", "CVX")
    assert colleague.post(f"{here}/steps/take").status_code == 302
    typed = {
        "answer__outcome": "temporary_fix",
        "answer__text": "Đã treo đèn tạm, mai thay trụ mới.",
        "version": version,
    }
    late = officer[0].post(f"{here}/steps/answer", typed)
    assert late.status_code == 409
    assert "Đã treo đèn tạm, mai thay trụ mới." in late.content.decode()
    assert Case.objects.get(pk=lamp.pk).state == "in_progress"


def test_what_is_asked_for_is_shown_to_whoever_decides(
    operator: tuple[Client, Actor], officer: tuple[Client, Actor], lamp: Case
) -> None:
    accepted(operator[1], lamp)
    lead, _ = staff("truong-ca", "lead")
    data = {"request_extension__days": "3", "request_extension__reason": "Chờ vật tư từ thành phố khác"}
    assert officer[0].post(f"/desk/cases/{lamp.code}/steps/request_extension", data).status_code == 302
    page = read(lead, f"/desk/cases/{lamp.code}")
    assert "Xin gia hạn 3 ngày làm việc" in page and "Chờ vật tư từ thành phố khác" in page
    assert step_names(page)[0] == "approve_extension"


def test_who_reported_is_a_pseudonym_for_the_agency(
    operator: tuple[Client, Actor], officer: tuple[Client, Actor]
) -> None:
    citizen = make_user("citizen", "k7m3")
    case = open_case(actor=actor_for(account(citizen.pk)), category=LAMP, body="Đèn tắt", **INSIDE)
    accepted(operator[1], case)
    page = read(officer[0], f"/desk/cases/{case.code}")
    assert str(citizen.pk) not in page, "an id that stays the same across cases would be a trace"
    assert "Người dân" in page


def test_an_agency_does_not_find_the_cases_of_others(operator: tuple[Client, Actor], lamp: Case) -> None:
    accepted(operator[1], lamp)
    stranger, _ = staff("nguoi-la", "officer", "HEP")
    assert "Không" in read(stranger, f"/desk/cases/{lamp.code}", 404)
    assert lamp.code not in read(stranger, "/desk?queue=all")
    assert stranger.post(f"/desk/cases/{lamp.code}/steps/start").status_code == 404


def test_an_auditor_reads_and_changes_nothing(lamp: Case) -> None:
    auditor, _ = staff("kiem-toan", "auditor")
    page = read(auditor, f"/desk/cases/{lamp.code}")
    assert not step_names(page) and "Hiện bạn không có việc gì ở đây" in page
    assert "<textarea" not in page, "no form that would be refused"
    assert auditor.post(f"/desk/cases/{lamp.code}/message", {"body": "x", "audience": "staff"}).status_code in (
        302,
        403,
    )
    assert not CaseMessage.objects.exists()


@pytest.mark.parametrize("queue", ["triage", "checking", "extensions", "late", "planned", "reopened", "unhappy", "all"])
def test_every_queue_opens_also_when_it_is_empty(operator: tuple[Client, Actor], queue: str) -> None:
    page = read(operator[0], f"/desk?queue={queue}")
    assert 'aria-current="page"' in page and "empty" in page


def test_search_finds_by_code_and_by_folded_words(operator: tuple[Client, Actor], lamp: Case) -> None:
    for words in (lamp.code, "den duong", "LÊ LỢI"):
        assert lamp.code in read(operator[0], f"/desk?q={words}"), words
    assert lamp.code not in read(operator[0], "/desk?q=khong-co-gi-ca")


@pytest.mark.parametrize("field", ["agency", "category", "priority", "visibility", "public_files"])
@pytest.mark.parametrize("value", ["", "không-có", "\0", "<script>", "9" * 5000, "😡"])
def test_whatever_the_form_sends_the_page_answers(
    operator: tuple[Client, Actor], lamp: Case, field: str, value: str
) -> None:
    answer = operator[0].post(
        f"/desk/cases/{lamp.code}/steps/accept", {f"accept__{field}": value, "version": lamp.version}
    )
    assert answer.status_code in (302, 400, 422)
    if answer.status_code == 422:
        assert "<script>" not in answer.content.decode().replace("<script type", "")
        assert Case.objects.get(pk=lamp.pk).state == "triage", "nothing was half done"


@pytest.fixture
def busy(operator: tuple[Client, Actor], lamp: Case) -> Case:
    """A case with neighbours, a talk and a history."""
    for n in range(8):
        citizen = make_user("citizen", f"dan-{n}")
        open_case(actor=actor_for(account(citizen.pk)), category=LAMP, body=f"Đèn tắt {n}", **INSIDE)
    accepted(operator[1], lamp)
    operator[0].post(f"/desk/cases/{lamp.code}/message", {"body": "Xin cho biết thêm", "audience": "party"})
    return lamp


def statements(do: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as seen:
        do()
    return len([q for q in seen.captured_queries if "SAVEPOINT" not in q["sql"]])


def test_pages_of_the_desk_ask_the_database_little(operator: tuple[Client, Actor], busy: Case) -> None:
    client = operator[0]
    read(client, f"/desk/cases/{busy.code}")  # opened before: the first opening is noted
    read(client, "/desk?queue=all")
    found = [
        statements(lambda path=path: read(client, path)) for path in (f"/desk/cases/{busy.code}", "/desk?queue=all")
    ]
    assert found[0] <= 12 and found[1] <= 8, found
