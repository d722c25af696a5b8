"""What can be reported, who gets it, and what is asked."""

from datetime import timedelta
from typing import Any

import pytest

from hues.city import queries, questions, routing
from hues.city.models import Category, Unit
from hues.kernel import clock
from hues.kernel.errors import Invalid, NotFound

pytestmark = pytest.mark.django_db


def unit(code: str) -> Unit:
    return queries.unit(code)


# ── the list ──


def test_sixty_kinds_in_fourteen_families_in_both_languages() -> None:
    for language in ("vi", "en"):
        families = queries.categories(language)
        assert sum(len(family["categories"]) for family in families) == 60
        assert len(families) == 14
    assert queries.categories("vi")[0]["name"] == "Giao thông"
    assert queries.categories("fr")[0]["name"] == "Giao thông"  # the city's first language where another is asked
    with pytest.raises(NotFound):
        queries.category("GT99")


def test_the_pack_says_what_the_reference_says(shared_data: Any) -> None:
    import csv

    visibility = {"P": "public", "M": "masked", "R": "restricted"}
    with (shared_data / "report_categories.csv").open() as file:
        for row in csv.DictReader(file):
            found = queries.category(row["code"])
            assert found.names == {"vi": row["name_vi"], "en": row["name_en"]}
            assert (found.process_group, found.priority) == (row["process_group"], int(row["priority"]))
            assert found.visibility == visibility[row["visibility"]]
            lead = row["lead_agency"].replace("+", ";").replace("(", ";").split(";")[0].split("/")[0].strip()
            assert found.routing[-1]["agency"] == lead


def test_timed_kinds_are_counted_in_working_time_and_the_others_on_the_wall() -> None:
    for row in Category.objects.filter(active=True):
        assert ("working_minutes" in row.triage) == (row.process_group == "timed"), row.code
        assert row.process == row.process_group
    assert queries.category("GT01").target == {"working_days": 5}
    assert queries.category("GT01").first_target == {"minutes": 1440}
    assert queries.category("DT03").target == {"minutes": 120}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("rác trước nhà tui 3 ngày ni chưa ai hốt", "MT01"),
        ("rac khong ai hot", "MT01"),
        ("đèn đường kiệt 5 tắt cả tuần", "DT01"),
        ("den duong", "DT01"),
        ("ổ gà to ngay ngã tư", "GT01"),
        ("hàng xóm karaoke ồn quá", "MT06"),
        ("cháy bóng đèn", "DT01"),
        ("cây đổ chắn đường", "DT03"),
        ("nước ngập tới đầu gối trên đường", "HT05"),
        ("cúp điện từ sáng", "HT03"),
        ("street light out", "DT01"),
        ("pothole", "GT01"),
        ("cho tha rong", "TT05"),
        ("GT09", "GT09"),
    ],
)
def test_what_people_write_finds_what_it_is_about(written: str, code: str) -> None:
    assert queries.search_categories(written, "vi")[0].code == code


def test_search_survives_anything() -> None:
    for text in ["", " ", "\x00", "🙂" * 100, "a" * 100_000, "%_'\"\\"]:
        queries.search_categories(text, "en")


# ── routing ──


def test_every_kind_has_somebody_in_every_unit() -> None:
    for row in Category.objects.filter(active=True):
        for ward in queries.units("vi"):
            for address in ("27 Lê Lợi", "kiệt 22 Hà Nội", "trong Đại Nội", "khu công nghiệp Phú Bài"):
                agency = routing.agency_for(row, unit(ward["code"]), address=address)
                assert agency.valid_to is None
                assert agency.unit_id in (None, unit(ward["code"]).id)


def test_a_lane_belongs_to_the_ward_and_a_street_to_the_city() -> None:
    pothole, thuan_hoa = queries.category("GT01"), unit("19789")
    assert routing.agency_for(pothole, thuan_hoa, address="27 Lê Lợi").code == "SXD"
    for address in ("kiệt 22 Hà Nội", "27 kiệt 5 Lê Lợi", "hem 3 ba trieu", "Trong kiệt cạnh chùa", "ngõ 12 Đặng Dung"):
        assert routing.agency_for(pothole, thuan_hoa, address=address).code == "UBX-19789", address
    for street in ("27 Lý Thường Kiệt", "27 ly thuong kiet", "5 Ngô Quyền", "Võ Văn Kiệt"):
        assert routing.agency_for(pothole, thuan_hoa, address=street).code == "SXD", street


def test_other_owners_are_known_from_the_address_and_the_unit() -> None:
    lamp = queries.category("DT01")
    assert routing.agency_for(lamp, unit("19753"), address="trước Ngọ Môn").code == "DT"
    assert routing.agency_for(lamp, unit("19753"), address="Đinh Tiên Hoàng").code == "CVX"
    assert routing.agency_for(lamp, unit("20044"), address="").code == "UBX-20044"  # a commune lights its own roads


def test_a_case_without_a_unit_goes_to_the_centre_if_only_a_ward_could_have_it() -> None:
    assert routing.agency_for(queries.category("TT01"), None).code == "IOC"
    assert routing.agency_for(queries.category("HT01"), None).code == "HWC"


def test_the_ladder_ends_at_the_chairmans_office() -> None:
    for row in routing.current_agencies():
        assert routing.ladder(row)[-1].is_chair, row.code
    ladder = routing.ladder(routing.agency_for(queries.category("DT01"), unit("19789")))
    assert [agency.code for agency in ladder] == ["CVX", "SXD", "VPU"]
    police = routing.of_kind("CAX", unit("19789"))
    assert police and [agency.code for agency in routing.ladder(police)] == ["CAX-19789", "CATP", "VPU"]


def test_forty_committees_forty_police_forty_service_centres() -> None:
    kinds = [row["kind"] for row in queries.agencies("vi")]
    assert [kinds.count(kind) for kind in ("UBX", "CAX", "TDV")] == [40, 40, 40]
    names = {row["code"]: row["name"] for row in queries.agencies("vi")}
    assert names["UBX-19789"] == "UBND Phường Thuận Hóa"
    assert [row.code for row in routing.supporting_agencies(queries.category("GT02"), unit("19789"))] == [
        "UBX-19789",
        "CSGT",
    ]


# ── questions ──


def test_answers_are_typed_and_cleaned() -> None:
    sos = queries.category("TA01")
    answers = {
        "people": "3",
        "vulnerable": ["elder", "child"],
        "floor": "roof",
        "battery": "12",
        "callback": "0905 123 456",
    }
    assert questions.check(sos, answers) == {
        "people": 3, "vulnerable": ["child", "elder"], "floor": "roof", "battery": 12, "callback": "0905123456",
    }  # fmt: skip
    noise = queries.category("MT06")
    assert questions.check(noise, {"still_now": "true", "repeated": "no"}) == {"still_now": True, "repeated": False}


@pytest.mark.parametrize(
    ("code", "answers", "field"),
    [
        ("TA01", {}, "answers.people"),
        ("TA01", {"people": 0, "callback": "113"}, "answers.people"),
        ("TA01", {"people": "many", "callback": "113"}, "answers.people"),
        ("TA01", {"people": float("nan"), "callback": "113"}, "answers.people"),
        ("TA01", {"people": True, "callback": "113"}, "answers.people"),
        ("TA01", {"people": 2, "callback": "call me"}, "answers.callback"),
        ("TA01", {"people": 2, "callback": "113", "floor": "cellar"}, "answers.floor"),
        ("TA01", {"people": 2, "callback": "113", "vulnerable": {"a": 1}}, "answers.vulnerable"),
        ("TA01", {"people": 2, "callback": "113", "vulnerable": [["child"]]}, "answers.vulnerable"),
        ("TA01", {"people": 2, "callback": "113", "shoe_size": 43}, "answers.shoe_size"),
        ("DT01", {"pole": "x" * 31}, "answers.pole"),
        ("DT01", {"pole": "LL\x0027"}, "answers.pole"),
        ("DT01", {"pole": ["LL"]}, "answers.pole"),
        ("MT06", {"still_now": "perhaps"}, "answers.still_now"),
        ("GT09", {"plate": "75A-1", "seen_at": "yesterday"}, "answers.seen_at"),
        ("GT09", {"plate": "75A-1", "seen_at": "0001-01-01T00:00"}, "answers.seen_at"),
        ("GT09", {"plate": "75A-1", "seen_at": "9999-12-31T23:59"}, "answers.seen_at"),
        ("GT01", [1, 2], "answers"),
        ("GT01", "nothing", "answers"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_in_its_field(code: str, answers: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        questions.check(queries.category(code), answers, "vi")
    assert list(refused.value.fields) == [field] or field in refused.value.fields
    assert refused.value.fields[field]


def test_times_without_a_zone_are_the_citys() -> None:
    seen = (clock.now() - timedelta(hours=3)).astimezone().replace(tzinfo=None)
    checked = questions.check(queries.category("GT09"), {"plate": "75A-123.45", "seen_at": seen.isoformat()})
    assert checked["seen_at"].endswith("+07:00")


def test_private_answers_are_kept_from_the_public() -> None:
    kind = queries.category("GT08")
    answers = questions.check(kind, {"plate": "75A-123.45", "still_now": True})
    assert questions.shown(kind, answers, "vi", private=False) == [("Xe còn đậu đó không?", "Có")]
    assert ("Biển số xe", "75A-123.45") in questions.shown(kind, answers, "vi", private=True)


# ── danger ──


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("nhà cháy rồi bà con ơi", ["114"]),
        ("nha dang chay lon", ["114"]),
        ("cứu tui với, nước lên mau quá, mệ tui ngồi trên mái", ["112", "114"]),
        ("cuu toi voi", ["112", "114"]),
        ("có người té sông ở cầu Trường Tiền", ["114", "115", "112"]),
        ("ôn tui khó thở", ["115"]),
        ("hai thanh niên chém nhau", ["113"]),
        ("thằng nớ đập vợ dữ lắm", ["113", "111"]),
        ("the house is on fire", ["114"]),
        ("we are trapped, water is up to my chest", ["112", "114"]),
    ],
)
def test_words_of_danger_show_the_numbers(written: str, numbers: list[str]) -> None:
    assert [row.number for row in queries.danger(written)] == numbers


@pytest.mark.parametrize(
    "written",
    ["nước chảy tràn ra đường", "bóng đèn bị cháy", "cháy bóng đèn đường", "xe chạy ẩu", "chay xe nhanh qua",
     "rác tồn đọng", "đường hư dễ gây tai nạn giao thông", "", "🙂", "phòng cháy chữa cháy"],
)  # fmt: skip
def test_words_that_only_sound_like_it_do_not(written: str) -> None:
    assert queries.danger(written) == []


def test_an_alarm_says_why_in_the_readers_language() -> None:
    (number,) = queries.danger("nhà cháy")
    assert (number.name("vi"), number.reason("en")) == ("Cứu hỏa", "Fire, explosion, gas")
    assert [row.number for row in queries.emergency_numbers()] == ["112", "113", "114", "115", "111"]
