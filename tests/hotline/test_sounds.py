"""An announcement as sound: attached on the page, re-encoded, fetched by the voice menu."""

import io
import math
import runpy
import struct
import wave
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from hues.hotline import actions, signing
from hues.hotline.models import Announcement, AnnouncementSound
from hues.kernel import clock
from hues.kernel.actors import Actor
from tests.hotline.conftest import SECRET, at_desk

TEXTS = {"vi": "Đường ngập 40 cm, xin đi đường khác.", "en": "The street is under 40 cm of water."}


@pytest.fixture(autouse=True)
def _files(settings: LazySettings, tmp_path: Path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {"location": str(tmp_path)}},
    }


@pytest.fixture
def told(lead: Actor) -> Announcement:
    return actions.write_announcement(actor=lead, unit_code="", texts=TEXTS, hours=6)


def tone(seconds: float = 2, rate: int = 44_100, channels: int = 2) -> bytes:
    """As a computer records it."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        one = [int(9000 * math.sin(n * 0.06)) for n in range(rate)]
        second = b"".join(struct.pack("<h", value) * channels for value in one)
        sound.writeframes((second * math.ceil(seconds))[: int(seconds * rate) * 2 * channels])
    return out.getvalue()


def attach(who: Actor, row: Announcement, content: bytes, language: str = "vi") -> HttpResponse:
    sent = {"language": language, "sound": SimpleUploadedFile("x.mp3", content, content_type="audio/mpeg")}
    return at_desk(who).post(f"/desk/calls/surge/{row.pk}/sound", sent)


def signed(path: str, secret: str = SECRET) -> HttpResponse:
    return Client().get(path, headers=signing.headers(secret, "msg_1", path.encode()))


def test_the_voice_menu_fetches_what_a_lead_attached(
    told: Announcement, lead: Actor, django_capture_on_commit_callbacks: object
) -> None:
    ask = "/api/v1/cti/announcements"
    assert signed(ask).json()["announcements"][0]["sound"] == "", "the text is read aloud"
    assert attach(lead, told, tone(2.5)).status_code == 302
    told_now = signed(ask).json()["announcements"][0]
    path = told_now["sound"]
    assert told_now["sound_seconds"] in (2, 3)
    assert signed(f"{ask}?language=en").json()["announcements"][0]["sound"] == "", "there is none in English"
    answer = signed(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "audio/wav")
    with wave.open(io.BytesIO(answer.content)) as sound:
        assert (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) == (8000, 2, 1)
        assert sound.getnframes() / 8000 == pytest.approx(2.5, abs=0.1)
        assert max(struct.unpack("<8000h", sound.readframes(8000))) > 5000, "it is not silence"
    assert Client().get(path).status_code == 401
    assert signed(path, signing.secret_of("wrong")).status_code == 401
    desk = at_desk(lead)
    heard = f"/desk/calls/surge/{told.pk}/{AnnouncementSound.objects.get().pk}.wav"
    assert heard in desk.get("/desk/calls/surge").content.decode()
    assert b"".join(desk.get(heard).streaming_content)[:4] == b"RIFF"
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        attach(lead, told, tone(1))
    assert AnnouncementSound.objects.get().seconds == 1 and signed(path).status_code == 404, (
        "a later one takes its place"
    )
    now = signed(ask).json()["announcements"][0]["sound"]
    actions.withdraw_announcement(actor=lead, announcement_id=told.pk)
    assert signed(now).status_code == 404, "what is withdrawn is not played"


def test_the_script_of_the_guide_fetches_sounds_and_texts_and_removes_what_is_over(
    told: Announcement, lead: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "announcements.py"))
    now = clock.now().timestamp()

    def get(path: str) -> bytes:
        answer = Client().get(path, headers=script["signed"](path, SECRET, now))
        assert answer.status_code == 200, answer.content
        return answer.content

    folder = tmp_path / "menu"
    folder.mkdir()
    script["fetch"](folder, "vi", ["19789"], get)
    assert [file.name for file in folder.iterdir()] == ["city-vi.txt"], "the menu reads it aloud"
    attach(lead, told, tone(1))
    script["fetch"](folder, "vi", ["19789"], get)
    assert sorted(file.name for file in folder.iterdir()) == ["city-vi.txt", "city-vi.wav"]
    assert (folder / "city-vi.wav").read_bytes()[:4] == b"RIFF"
    actions.withdraw_announcement(actor=lead, announcement_id=told.pk)
    script["fetch"](folder, "vi", ["19789"], get)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"RIFF\x10\x00\x00\x00WAVEfmt ", b"OggS" + bytes(500), b"\xff\xfb" + bytes(2000), tone(0.1)],
)
def test_what_is_no_sound_is_said_and_nothing_kept(content: bytes, told: Announcement, lead: Actor) -> None:
    assert attach(lead, told, content)["Location"] == "/desk/calls/surge"
    assert not AnnouncementSound.objects.exists()


def test_it_is_short_and_of_a_language_of_the_city(told: Announcement, lead: Actor) -> None:
    attach(lead, told, tone(93, rate=8000, channels=1))
    assert not AnnouncementSound.objects.exists()
    assert attach(lead, told, tone(1), "xx").status_code == 404


def test_only_a_lead_attaches_one(told: Announcement, operator: Actor, volunteer: Actor) -> None:
    attach(operator, told, tone(1))
    assert attach(volunteer, told, tone(1)).status_code == 404
    assert not AnnouncementSound.objects.exists()
