"""The form of filing meets what people and programs send: it is kept where that is allowed, else the page says what to mend, and nothing is
half stored."""

import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from hues.cases.models import Case
from hues.kernel import clock
from hues.kernel.models import JournalEntry, StoredFile
from hues.people.models import SandboxMessage
from hues.reports.models import ReportDraft
from tests.reports.conftest import HERE, LAMP, POTHOLE

PLACE = {"address": "27 Lê Lợi", "lat": str(HERE[0]), "lon": str(HERE[1]), "place_source": "map"}


@pytest.fixture(autouse=True)
def store(settings: LazySettings, tmp_path: Path) -> Iterator[Path]:
    settings.STORAGES = settings.STORAGES | {
        "default": settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}}
    }
    yield tmp_path


def noise(size: tuple[int, int] = (900, 700), quality: int = 90) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def upload(content: bytes, name: str = "anh.jpg", kind: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, kind)


def bomb(width: int = 10_000, height: int = 10_000) -> bytes:
    """A PNG of a hundred million white points in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * ((width // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def send_place(client: Client, **fields: Any) -> HttpResponse:
    return client.post("/report", {**PLACE, "next": "1", **fields})  # type: ignore[return-value]


def send_what(client: Client, **fields: Any) -> HttpResponse:
    return client.post("/report/what", {"category": LAMP, "asked": LAMP, "next": "1", **fields})  # type: ignore[return-value]


def kept_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def refused(answer: Any, *, field: str) -> str:
    """A page in the reader's language that names the field to mend. Returns it."""
    page: str = answer.content.decode()
    assert 400 <= answer.status_code < 500, answer.status_code
    assert 'lang="vi"' in page and "Traceback" not in page
    assert f'id="e-{field}"' in page or 'role="alert"' in page or "error-summary" in page
    return page


NOT_PHOTOS: dict[str, Callable[[], SimpleUploadedFile]] = {
    "HTML that calls itself a photo": lambda: upload(b"<html><script>alert(1)</script></html>"),
    "a GIF that is also a script": lambda: upload(
        b"GIF89a/*" + b"\0" * 40 + b"*/=1;alert(1);//", "anh.gif", "image/gif"
    ),
    "an SVG": lambda: upload(
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "anh.svg", "image/svg+xml"
    ),
    "a bomb of a hundred megapixels": lambda: upload(bomb(), "anh.png", "image/png"),
    "more than 25 MB": lambda: upload(noise((400, 300)) + b"\0" * 25_000_001),
    "half a photo": lambda: upload(noise()[:200]),
    "nothing": lambda: upload(b""),
}


@pytest.mark.parametrize("what", NOT_PHOTOS)
def test_what_is_no_photo_is_refused_and_nothing_of_it_stays(client: Client, store: Path, what: str) -> None:
    page = refused(send_place(client, photos=NOT_PHOTOS[what]()), field="photos")
    assert 'id="e-photos"' in page and "anh." in page, "the page names the file"
    assert not StoredFile.objects.exists() and not kept_files(store) and not Case.objects.exists()
    assert ReportDraft.objects.get().data["address"] == "27 Lê Lợi", "what was right is kept"


def test_a_photo_of_twenty_megabytes_is_kept_small(client: Client, store: Path) -> None:
    big = noise((2400, 1800), 100)
    answer = send_place(client, photos=upload(big + b"\0" * (20_000_000 - len(big))))
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    assert StoredFile.objects.count() == 1
    assert max(path.stat().st_size for path in kept_files(store)) < 5_000_000


def test_a_good_photo_stays_when_the_one_beside_it_is_refused(client: Client) -> None:
    answer = send_place(client, photos=[upload(noise()), upload(b"<html>", "trang.jpg")])
    page = refused(answer, field="photos")
    assert "trang.jpg" in page and StoredFile.objects.count() == 1


def test_the_fifth_photo_is_one_too_many(client: Client) -> None:
    page = refused(send_place(client, photos=[upload(noise((300, 200 + n))) for n in range(5)]), field="photos")
    assert "4 ảnh" in page and StoredFile.objects.count() == 4


@pytest.mark.parametrize(
    ("lat", "lon"), [("21.0285", "105.8542"), ("0", "0"), ("-91", "400"), ("1e308", "1e308"), ("nan", "nan"), ("inf", "-inf")]
)  # fmt: skip
def test_a_point_that_is_not_in_the_city_is_refused(client: Client, lat: str, lon: str) -> None:
    page = refused(send_place(client, lat=lat, lon=lon), field="address")
    assert 'id="e-address"' in page
    assert ReportDraft.objects.get().data.get("lat") is None


@pytest.mark.parametrize("lat", ["sáu", "16,45", "[]", "0x10", " "])
def test_words_for_coordinates_are_no_point_and_the_address_decides(client: Client, lat: str) -> None:
    answer = send_place(client, lat=lat)
    assert answer.status_code == 302
    assert ReportDraft.objects.get().data.get("place_source") in ("address", "")


def test_without_any_place_the_page_asks_where(client: Client) -> None:
    page = refused(client.post("/report", {"next": "1"}), field="address")
    assert "Ở đâu" in page


ODD_TEXTS = {
    "ten thousand characters": "đèn tắt " * 1250,
    "a lone surrogate": "đèn \ud83d tắt",
    "a NUL": "đèn\0tắt",
    "the other direction of writing": "đèn \u202egpj.exe tắt",
}


@pytest.mark.parametrize("what", ODD_TEXTS)
def test_odd_text_is_mended_or_refused_but_never_breaks(client: Client, what: str) -> None:
    send_place(client)
    body = ODD_TEXTS[what].encode("utf-8", "surrogatepass")
    answer = client.post(
        "/report/what",
        b"category=" + LAMP.encode() + b"&asked=" + LAMP.encode() + b"&next=1&body=" + b"".join(b"%%%02X" % b for b in body),
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip
    stored = ReportDraft.objects.get().data.get("body", "")
    assert answer.status_code in (302, 400, 422), answer.status_code
    assert not set(stored) & set("\0\ud83d\u202e") and len(stored) <= 5000
    if answer.status_code != 302:
        assert "đèn" in refused(answer, field="body") or answer.status_code == 400


def test_emoji_and_both_ways_of_writing_accents_are_kept(client: Client) -> None:
    send_place(client)
    assert send_what(client, body="Đèn tắt 😡🔦 ba hôm ni").status_code == 302
    assert ReportDraft.objects.get().data["body"] == "Đèn tắt 😡🔦 ba hôm ni"


@pytest.mark.parametrize(
    "fields",
    [{"category": "KHONG-CO"}, {"category": ""}, {"body": ""}, {"answer_count": "rất nhiều"}, {"category": ["DT01", "GT01"], "body": ""}],
    ids=["unknown kind", "no kind", "no words and no photo", "an answer of another type", "two kinds, no words"],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_named(client: Client, fields: dict[str, Any]) -> None:
    send_place(client)
    answer = send_what(client, **{"body": "Đèn tắt", **fields})
    if "answer_count" in fields:  # not one of this kind's questions: left out
        assert answer.status_code == 302
    else:
        refused(answer, field="category")
    assert not Case.objects.exists()


def test_a_phone_that_is_no_phone_is_refused_and_nothing_is_sent(client: Client) -> None:
    send_place(client)
    send_what(client, body="Đèn tắt ba hôm nay")
    for phone in ("", "123", "0900 000 0411 11", "' OR 1=1 --", "+1 555 0100", "０９００"):
        refused(client.post("/report/check", {"phone": phone, "send": "1"}), field="phone")
    assert not SandboxMessage.objects.exists() and not Case.objects.exists()


def test_pressed_twice_it_is_one_case(browser: Client) -> None:
    send_place(browser, photos=upload(noise()))
    send_what(browser, body="Đèn tắt ba hôm nay")
    first = browser.post("/report/check", {"send": "1"})
    assert first.status_code == 302 and first["Location"].startswith("/report/sent/")
    browser.post("/report/check", {"send": "1"})
    assert Case.objects.count() == 1 and JournalEntry.objects.filter(action="case.opened").count() == 1


def test_photos_are_described_by_their_sender(browser: Client) -> None:
    send_place(browser, photos=upload(noise()))
    send_what(browser, body="Đèn tắt ba hôm nay")
    strange = StoredFile.objects.create(at=clock.now(), media_type="image/webp", size=1)
    field = re.search(r'name="(alt-[0-9a-f-]{36})"', browser.get("/report/check").content.decode())
    assert field
    shown = "Cột đèn trước số 27, gọi 0905 123 456"
    browser.post("/report/check", {"send": "1", field[1]: shown, f"alt-{strange.pk}": "của người khác"})
    described = Case.objects.get().files.get()
    assert described.caption.startswith("Cột đèn trước số 27") and "123 456" not in described.caption
    strange.refresh_from_db()
    assert strange.alt == ""


def test_one_who_is_signed_in_needs_no_code(browser: Client) -> None:
    send_place(browser)
    send_what(browser, category=POTHOLE, asked=POTHOLE, body="Ổ gà lớn giữa đường")
    page = browser.get("/report/check").content.decode()
    assert 'name="phone"' not in page and "Gửi phản ánh" in page


def test_danger_is_met_with_the_numbers_and_the_way_stays_open(client: Client) -> None:
    send_place(client)
    assert send_what(client, body="Nhà bên đang cháy lớn, có người mắc kẹt").status_code == 302
    assert 'href="tel:114"' in client.get("/report/check").content.decode()


def test_a_draft_belongs_to_its_browser(client: Client) -> None:
    send_place(client, photos=upload(noise()))
    photo = StoredFile.objects.get()
    assert client.get(f"/files/{photo.id}/thumb").status_code == 200
    assert Client().get(f"/files/{photo.id}/thumb").status_code == 404
