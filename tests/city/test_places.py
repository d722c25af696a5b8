"""Places as people type them: no diacritics, either tone style, half a word, a lane, an old name."""

import unicodedata

import pytest

from hues.city import queries

pytestmark = pytest.mark.django_db


def first(text: str, language: str = "vi") -> queries.PlaceHit:
    hits = queries.find_places(text, language)
    assert hits, text
    return hits[0]


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("27 Lê Lợi", "27 Lê Lợi"),
        ("27 le loi", "27 Lê Lợi"),
        ("le lo", "Lê Lợi"),
        ("số 5 đường nguyễn huệ", "Số 5 đường Nguyễn Huệ"),
        ("kiệt 22 đường Hà Nội", "Kiệt 22 đường Hà Nội"),
        ("kiet 22 ha noi", "Kiet 22 Hà Nội"),
        ("22/15 Hà Nội", "22/15 Hà Nội"),
        ("15a/3 bà triệu", "15a/3 Bà Triệu"),
        ("đối diện số nhà 15 Bà Triệu", "Đối diện số nhà 15 Bà Triệu"),
        ("27 Lê Lợi, phường Vĩnh Ninh, Huế", "27 Lê Lợi"),
        ("27, Lê Lợi", "27 Lê Lợi"),
        ("12 lý thường kiệt", "12 Lý Thường Kiệt"),
        ("cho dong ba", "Chợ Đông Ba"),
        ("chợ đông ba", "Chợ Đông Ba"),
        ("duong van an", "Dương Văn An"),
        ("ngã sáu", "Ngã Sáu Hùng Vương"),
        ("cau trang tien", "Cầu Trường Tiền"),
        ("dai noi", "Đại Nội"),
        ("bệnh viện trung ương huế", "Bệnh viện Trung ương Huế"),
        ("ba trieeu", "Bà Triệu"),
    ],
)
def test_a_typed_address_finds_its_street(typed: str, label: str) -> None:
    assert first(typed).label == label


@pytest.mark.parametrize(
    "typed", ["Thuận Hóa", "Thuận Hoá", "thuan hoa", "phường Thuận Hoá", "p thuan hoa", "PHƯỜNG THUẬN HÓA"]
)
def test_both_tone_styles_and_none_find_the_ward(typed: str) -> None:
    hit = first(typed)
    assert (hit.label, hit.unit_code, hit.note) == ("Phường Thuận Hóa", "19789", "")


def test_a_tone_tells_apart_what_it_tells_apart() -> None:
    assert first("Thuận Hòa").unit_code == "19753"  # a former ward inside the Citadel
    assert first("Thuận Hoà").unit_code == "19753"
    assert first("thủy biều").unit_code == first("Thuỷ Biều").unit_code == "19813"


def test_an_old_name_says_what_it_became() -> None:
    hit = first("Vĩnh Ninh")
    assert (hit.kind, hit.label, hit.unit_name) == ("former_unit", "Phường Vĩnh Ninh", "Phường Thuận Hóa")
    assert "Phường Thuận Hóa" in hit.note
    assert "Thuận Hóa Ward" in first("vinh ninh", "en").note
    assert first("phú cát").unit_code == "19753"  # gone since 2021, merged twice
    assert first("xã Vinh Hải").unit_code == "20122"


def test_the_ward_behind_the_comma_chooses_among_namesakes() -> None:
    assert first("Thuận Hóa, phường Phú Bài").kind == "street"


def test_what_is_nowhere_finds_nothing() -> None:
    for typed in ["", "   ", "27", "xyzzy plugh", ",,,", "\x00", "🙂", "\u0301", "\ud800", "/", "a" * 5000]:
        assert queries.find_places(typed) == [], typed


def test_a_phone_that_writes_decomposed_letters_finds_the_same() -> None:
    assert first(unicodedata.normalize("NFD", "27 Bà Triệu")).label == "27 Bà Triệu"


def test_every_place_of_the_pack_finds_itself() -> None:
    from hues.city.models import Place
    from hues.kernel.text import vn_fold

    lost = [
        place.name("vi")
        for place in Place.objects.all()
        if not any(place.name("vi") in hit.label for hit in queries.find_places(vn_fold(place.name("vi"))))
    ]
    assert lost == []
    assert Place.objects.count() >= 150


def test_the_limit_holds() -> None:
    assert len(queries.find_places("huong", limit=3)) == 3
    assert queries.find_places("huong", limit=0) == []
