"""Situation reports: drafted, gone over, signed, printed; texts for the public."""

import io
from collections.abc import Callable
from datetime import timedelta

import pypdf
import pytest

from hues.cases.models import Case
from hues.command import actions
from hues.command.actions.papers import bulletin_words, digest
from hues.command.models import Incident, Sitrep
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid
from tests.command.conftest import MONDAY, agency, signed_in

LATER = MONDAY + timedelta(hours=3)


@pytest.fixture
def drafted(rain: Incident, report: Callable[..., Case], operator: Actor, lead: Actor) -> Sitrep:
    actions.link_case(actor=operator, code=rain.code, case=report().code)
    actions.add_log(actor=lead, code=rain.code, body="Cấm xe qua hầm chui.", kind="decision")
    first = actions.add_log(actor=lead, code=rain.code, body="Họp lúc 11 giờ.", kind="decision")
    actions.add_log(actor=lead, code=rain.code, body="Họp lúc 10 giờ 30.", kind="decision", corrects=first.pk)
    actions.add_log(actor=lead, code=rain.code, body="Chuyện nội bộ.", kind="decision", inside=True)
    due = MONDAY + timedelta(hours=2)
    actions.give_task(
        actor=lead, code=rain.code, agency_id=agency("TL").pk, title="Báo mực nước", way="order", due_at=due
    )
    with clock.at(LATER):
        return actions.draft_sitrep(actor=operator, code=rain.code)


def test_it_says_what_is_known(drafted: Sitrep) -> None:
    said = drafted.sections
    assert "Mưa lớn 5/10" in said["situation"] and "1 phản ánh" in said["situation"]
    assert "Cấm xe qua hầm chui" in said["decisions"] and "10 giờ 30" in said["decisions"]
    assert "11 giờ" not in said["decisions"], "a line that was corrected is told as corrected"
    assert "nội bộ" not in str(said)
    assert "Báo mực nước" in said["late"] and "chưa có người phụ trách" in said["gaps"]
    assert drafted.figures["cases"] == 1 and drafted.figures["tasks_late"] == 1


def test_the_next_one_says_what_changed(
    drafted: Sitrep, rain: Incident, report: Callable[..., Case], operator: Actor, lead: Actor
) -> None:
    with pytest.raises(Conflict):
        actions.draft_sitrep(actor=operator, code=rain.code)
    with clock.at(LATER):
        actions.sign_sitrep(actor=lead, code=rain.code, number=1)
    with clock.at(LATER + timedelta(hours=1)):
        actions.link_cases(actor=operator, code=rain.code, cases=[report().code for _ in range(3)])
        actions.set_level(actor=lead, code=rain.code, level=1, why="Nước đang rút")
        second = actions.draft_sitrep(actor=operator, code=rain.code)
    assert second.number == 2 and second.since == drafted.until
    assert "Phản ánh đã gắn: 4 (+3)" in second.sections["changes"] and "Nước đang rút" in second.sections["changes"]
    assert "Cấm xe" not in second.sections["decisions"]


def test_versions_are_kept_and_what_is_signed_stays(
    drafted: Sitrep, rain: Incident, operator: Actor, lead: Actor
) -> None:
    give = {"actor": operator, "code": rain.code, "number": 1}
    actions.write_sitrep(**give, sections={"requests": "Xin thêm 2 ca nô."}, version=1)
    with pytest.raises(Conflict):
        actions.write_sitrep(**give, sections={"requests": "Khác."}, version=1)
    with pytest.raises(Invalid):
        actions.write_sitrep(**give, sections={"secret": "x"})
    with pytest.raises(Forbidden):
        actions.sign_sitrep(**give)
    signed = actions.sign_sitrep(actor=lead, code=rain.code, number=1)
    assert signed.sha256 == digest(signed) and signed.signed_by_id == lead.id
    with pytest.raises(Conflict):
        actions.write_sitrep(**give, sections={"requests": "Sau khi ký."})
    assert [row.sections["requests"] for row in drafted.versions.order_by("version")] == ["", "Xin thêm 2 ca nô."]


def test_the_paper_holds_vietnamese_as_it_is_written(drafted: Sitrep, rain: Incident, lead: Actor) -> None:
    words = "Đề nghị hỗ trợ: xuồng, áo phao, lương thực; nước ở Phường Thuận Hoá lên 1,92 m – ĐẶC BIỆT chú ý kiệt 22."
    actions.write_sitrep(actor=lead, code=rain.code, number=1, sections={"requests": words})
    answer = signed_in(lead).get(f"/desk/incidents/{rain.code}/sitrep/1.pdf")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    text = " ".join(" ".join(page.extract_text().split()) for page in pages)
    for part in ("Báo cáo tình hình số 1", "Mưa lớn 5/10", "Dự thảo, chưa ký", "Nhiệm vụ quá hạn", words):
        assert " ".join(part.split()) in text, part


def test_the_page_is_gone_over_and_signed(drafted: Sitrep, rain: Incident, lead: Actor) -> None:
    client, path = signed_in(lead), f"/desk/incidents/{rain.code}/sitrep/1"
    assert "Cấm xe qua hầm chui" in client.get(path).content.decode()
    answer = client.post(path, {**drafted.sections, "requests": "Không.", "version": "1", "sign": "1"})
    assert answer.status_code == 302
    page = client.get(path).content.decode()
    assert "SHA-256" in page and "<textarea" not in page
    assert client.post(path, {**drafted.sections, "requests": "Muộn.", "version": "2"}).status_code == 409
    assert client.get(f"{path}?version=1").status_code == 200 and client.get(f"{path[:-1]}9").status_code == 404


def test_a_text_for_the_public_is_prepared_and_approved(rain: Incident, operator: Actor, lead: Actor) -> None:
    words = bulletin_words(rain)
    assert set(words) == {"vi", "en"} and "{" not in words["vi"] and "Mưa lớn 5/10" in words["vi"]
    client, path = signed_in(operator), f"/desk/incidents/{rain.code}/bulletins/0"
    assert words["vi"][:20] in client.get(path).content.decode()
    assert client.post(path, {"text_vi": "Ngắn", "text_en": words["en"]}).status_code == 422
    assert client.post(path, {f"text_{code}": text for code, text in words.items()}).status_code == 302
    with pytest.raises(Forbidden):
        actions.approve_bulletin(actor=operator, code=rain.code, number=1)
    assert actions.approve_bulletin(actor=lead, code=rain.code, number=1).approved_by_id == lead.id
