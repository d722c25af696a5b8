"""Vietnamese text: one folding in Python and SQL, the order of dictionaries, clean input."""

import random
import sys
import unicodedata

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from hues.kernel.errors import Invalid
from hues.kernel.text import clean, sort_key, vn_fold

ASSIGNED = [
    chr(code)
    for code in range(1, sys.maxunicode + 1)
    if unicodedata.category(chr(code)) not in ("Cn", "Cs")  # not assigned; halves of a pair
]


def in_sql(texts: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select vn_fold(t) from unnest(%s::text[]) with ordinality u(t, n) order by n", [texts])
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Hoà Đường", "hoa duong"),
        ("hòa đường", "hoa duong"),
        (unicodedata.normalize("NFD", "Thuỷ Xuân"), "thuy xuan"),
        ("Thừa Thiên-Huế", "thua thien hue"),
        ("Thừa Thiên–Huế", "thua thien hue"),
        ("ÐƯỜNG Ðống Đa", "duong dong da"),  # U+00D0, which old keyboards produce
        ("İSTANBUL ΣΑΣ Kelvin \u212a Ångström", "istanbul σασ kelvin k angstrom"),
        ("Phú\u200bHội\u00a01", "phuhoi 1"),
        ("Москва 한국 日本", "москва 한국 日本"),
    ],
)
def test_folding_removes_what_people_leave_out(text: str, folded: str) -> None:
    assert vn_fold(text) == folded


@pytest.mark.django_db
@pytest.mark.parametrize("around", ["{}", "A{}", "ế{}B", "{}\u0301"])
def test_python_and_sql_fold_all_of_unicode_alike(around: str) -> None:
    texts = [around.format(char) for char in ASSIGNED]
    assert [(t, s) for t, s in zip(texts, in_sql(texts), strict=True) if s != vn_fold(t)] == []


@pytest.mark.django_db
def test_python_and_sql_fold_mixed_texts_alike() -> None:
    chance = random.Random(20)
    texts = ["".join(chance.choices(ASSIGNED, k=chance.randint(1, 30))) for _ in range(3_000)]
    assert in_sql(texts) == [vn_fold(text) for text in texts]


@given(st.text(st.sampled_from(ASSIGNED)))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert vn_fold(vn_fold(text)) == vn_fold(text)


@given(st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyAĂÂĐÊÔƠƯáàảãạếềểễệ "))
def test_vietnamese_folds_to_ascii_however_it_is_composed(text: str) -> None:
    assert vn_fold(text).isascii()
    assert vn_fold(unicodedata.normalize("NFD", text)) == vn_fold(text)


@pytest.mark.parametrize(
    "ordered",
    [
        ["ma", "mà", "mả", "mã", "má", "mạ"],
        ["a", "ab", "ào", "ă", "â", "b", "c", "d", "đ", "e", "ê", "g", "o", "ô", "ơ", "p", "u", "ư", "v", "y"],
        ["ba", "ba ba", "bà", "bà ba"],
        ["Kiệt 2", "Kiệt 9", "Kiệt 10", "Kiệt 100", "Kiệt A"],
        ["An Cựu", "An Đông", "Dương Nỗ", "Đông Ba", "Hương An", "Hương Trà", "Vĩ Dạ", "Xuân Phú"],
    ],
)
def test_sort_keys_give_the_order_of_dictionaries(ordered: list[str]) -> None:
    keys = [sort_key(text).encode() for text in ordered]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_both_tone_styles_and_any_case_share_a_sort_key() -> None:
    assert sort_key("Hoà Bình") == sort_key("HÒA BÌNH") == sort_key(unicodedata.normalize("NFD", "hòa bình"))


@given(st.text(), st.integers(0, 10**30), st.integers(0, 10**30))
def test_numbers_sort_by_value_after_any_text(text: str, one: int, other: int) -> None:
    first, second = (sort_key(f"{text} {number}") for number in (one, other))
    assert (first < second) == (one < other)


def test_cleaning_keeps_what_was_meant() -> None:
    typed = "  Ổ gà\u202e to\u0007\r\n\r\n\r\n\r\nở  đây \u2066👷‍♀️ "
    assert clean(typed, max_length=100, multiline=True) == "Ổ gà to\n\nở đây 👷‍♀️"
    assert clean(typed, max_length=100, multiline=False) == "Ổ gà to ở đây 👷‍♀️"
    assert clean(unicodedata.normalize("NFD", "Huế"), max_length=3) == "Huế"


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x" * 11, "x" * 1_000_000])
def test_cleaning_refuses_what_cannot_be_stored(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean(text, max_length=10, field="body")
    assert list(refused.value.fields) == ["body"]


@pytest.mark.django_db
@given(st.text())
def test_whatever_cleaning_lets_through_the_database_takes(text: str) -> None:
    try:
        kept = clean(text, max_length=10_000, multiline=True)
    except Invalid:
        return
    assert clean(kept, max_length=10_000, multiline=True) == kept
    assert in_sql([kept]) == [vn_fold(kept)]
