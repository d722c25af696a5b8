"""The same thing said by different people is read as the same words, and what should not be public is pointed at."""

import subprocess
import sys

import pytest

from hues.assist.triage.privacy import flags
from hues.assist.triage.words import NUMBER, PHONE, PLACE, Places, words
from hues.kernel.text import vn_fold


def meant(text: str, places: Places | None = None) -> str:
    return " ".join(word.meant if word else "." for word in words(text, places))


@pytest.mark.parametrize(
    ("typed", "common"),
    [
        ("Đàng ni hư rứa mà ko ai mần", "Đường này hỏng vậy mà không ai làm"),
        ("nác lút vô nhà tui", "nước ngập vào nhà tôi"),
        ("Xe hơi đậu bít kiệt", "ô tô đậu biết kiệt"),
        ("oto k dc đậu ở đây", "ô tô không được đậu ở đây"),
        ("hoà bình, khoẻ, thuỷ", "hòa bình, khỏe, thủy"),
        ("tê bể ống nc", "kia vỡ ống nước"),
        ("dduwowngf hẻm", "đường kiệt"),
        ("hư quáaaaa", "hỏng quá"),
        ("Đèn hư hỉ", "đèn hỏng"),
    ],
)
def test_slang_dialect_and_slips_become_common_words(typed: str, common: str) -> None:
    assert meant(typed) == meant(common)


def test_without_diacritics_the_clear_words_are_still_understood() -> None:
    assert meant("con nit te xe hoi tong") == "tre em te o to tong"


def test_english_is_left_alone() -> None:
    assert (
        meant("the floor near the door is poor, water comes down")
        == "the floor near the door is poor . water comes down"
    )


def test_streets_numbers_and_phones_are_neutral() -> None:
    places = Places(["Lê Lợi", "Nguyễn Huệ"])
    assert meant("số 12/3 Lê Lợi gọi 0905 123 456", places) == f"số {NUMBER} {PLACE} gọi {PHONE}"
    assert meant("so 12/3 le loi goi 0905123456", places) == f"so {NUMBER} {PLACE} goi {PHONE}"


def test_each_word_keeps_what_was_typed() -> None:
    assert [word.typed for word in words("Đàng hư wá") if word] == ["Đàng", "hư", "wá"]


# ── what is not for everyone ──


def kinds(text: str) -> set[tuple[str, str]]:
    return {(flag.what, flag.excerpt) for flag in flags(text)}


@pytest.mark.parametrize(
    ("text", "what", "excerpt"),
    [
        ("Gọi cho tôi 0905 123 456 nhé", "phone", "0905 123 456"),
        ("goi +84905123456", "phone", "+84905123456"),
        ("CCCD của tôi: 046090001234", "id", "046090001234"),
        ("CMND 191234567 bị lộ", "id", "191234567"),
        ("chuyển vào stk 0071000123456 VCB", "bank", "0071000123456"),
        ("viết cho a.b@example.com", "email", "a.b@example.com"),
        ("xe 75A-123.45 đổ trộm rác", "plate", "75A-123.45"),
        ("Ông Nguyễn Văn Tèo đổ rác ra đường", "name", "Ông Nguyễn Văn Tèo"),
        ("làm ăn như đ.m", "insult", "đ.m"),
        ("lũ ăn hại", "insult", "lũ ăn hại"),
        ("you f*cking idiots", "insult", "f*cking"),
    ],
)
def test_private_and_insulting_pieces_are_pointed_at(text: str, what: str, excerpt: str) -> None:
    assert (what, excerpt) in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Đèn đường trước số 27 Lê Lợi tắt từ 20/11/2026",
        "con chó thả rông trước nhà 12 Bà Triệu",
        "mấy chị đeo khẩu trang bán các loại rau",
        "xe 75A-123.45 nằm chết máy giữa đường, cần cứu hộ",
        "Cảm ơn anh Nguyễn Văn Bình đã sửa đèn",
        "ống rộng 5 dm, dài 1200000 mm",
        "The assistant is passing class 12",
    ],
)
def test_ordinary_reports_are_left_alone(text: str) -> None:
    assert flags(text) == []


def test_flags_hold_without_diacritics_where_that_is_clear() -> None:
    assert ("insult", "thang ngu") in kinds(vn_fold("thằng ngu nào làm"))


def test_what_serves_never_loads_the_libraries_of_training() -> None:
    code = (
        "import sys, hues.assist.triage.model, hues.assist.triage.privacy, hues.assist.triage.kept\n"
        "print([name for name in ('sklearn', 'scipy', 'joblib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
