"""Videos: kept only re-encoded, shown to everyone as a masked still, played to those who handle the case."""
# ruff: noqa: F811 - fixtures of the cases' stories are arguments here

import socket
import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from tests.assist import samples
from tests.assist.test_photos_public import folder, got, signed_in  # noqa: F401
from tests.cases.conftest import INSIDE, People, monday, people  # noqa: F401

from hues.assist.photos import waiting
from hues.cases.actions import open_case
from hues.kernel import files
from hues.kernel.errors import Invalid, TooLarge
from hues.kernel.files import films
from hues.kernel.files.store import UPLOAD, name_of
from hues.kernel.models import JournalEntry, StoredFile


def turned(path: Path) -> Path:
    """The same film, held upright: its matrix says "a quarter to the right", as telephones write it."""
    data = bytearray(path.read_bytes())
    at = data.find(b"tkhd") + 4 + 40
    data[at : at + 36] = b"".join(
        value.to_bytes(4, "big", signed=True) for value in (0, 65536, 0, -65536, 0, 0, 360 << 16, 0, 1 << 30)
    )
    path.write_bytes(data)
    return path


def sent(path: Path, owner: Any = None) -> files.StoredImage:
    with path.open("rb") as upload:
        return files.store_upload(upload, owner_id=owner and owner.id)


@pytest.mark.parametrize(
    ("name", "codec", "sound", "kind"),
    [("a.mp4", "libx264", "aac", "video/mp4"), ("a.mov", "libx264", "aac", "video/quicktime"), ("a.webm", "libvpx", "libopus", "video/webm")],
)  # fmt: skip
def test_the_head_of_a_film_is_read_without_decoding(
    tmp_path: Path, name: str, codec: str, sound: str, kind: str
) -> None:
    place = "+16.4637+107.5909/" if name != "a.webm" else ""
    path = samples.film(tmp_path / name, seconds=1, codec=codec, sound=sound, place=place)
    with path.open("rb") as file:
        film = films.read_film(file, path.stat().st_size)
    assert (film.media_type, film.width, film.height) == (kind, 640, 360)
    assert film.seconds == pytest.approx(1, abs=0.1)
    if name == "a.mov":
        assert (film.taken.lat, film.taken.lon) == (16.4637, 107.5909)


def test_what_is_too_long_too_large_or_damaged_is_refused_at_the_door(tmp_path: Path, monkeypatch: Any) -> None:
    path = samples.film(tmp_path / "long.mp4", seconds=63, size=(64, 48), sound="", fps=2)
    with pytest.raises(Invalid, match="60"):
        sent(path)
    whole = samples.film(tmp_path / "a.mp4", seconds=1).read_bytes()
    for broken in (
        whole[:40],
        whole[: len(whole) // 2],
        b"\x1a\x45\xdf\xa3" + b"\xff" * 400,
        b"\0\0\0\x18ftypmp42" + b"\0" * 64,
        b"\0\0\0\x10ftypmp42\0\0\0\0\0\0\0\x08mvhd\0\0\0\x10moov\0\0\0\x08mvhd",
        b"\0\0\0\x10ftypmp42\0\0\0\0" + b"".join(struct.pack(">I4s", n * 8, b"moov") for n in range(3000, 0, -1)),
    ):
        with pytest.raises(Invalid):
            files.store_upload(BytesIO(broken))
    monkeypatch.setattr(films, "MAX_FILM", 1000)
    with pytest.raises(TooLarge):
        files.store_upload(BytesIO(whole))
    assert not StoredFile.objects.exists()


def test_a_film_becomes_a_clip_and_a_masked_still_and_nothing_else_stays(
    tmp_path: Path, people: People, folder: Path
) -> None:
    reporter = people.citizen()
    path = turned(samples.film(tmp_path / "a.mov", place="+16.4637+107.5909/", mark=True))
    taken = sent(path, reporter)
    case = open_case(actor=reporter, category="HT01", body="Xem video", file_ids=[taken.file.id], **INSIDE)
    assert (taken.lat, taken.lon) == (16.4637, 107.5909)
    mine = signed_in(reporter)
    assert got(mine, taken.file.id, "clip")[1] == "image/svg+xml", "not before it is ready"
    assert "đang được xử lý" in mine.get(f"/me/cases/{case.code}").content.decode()
    assert waiting.encode_one()
    assert waiting.mask_some() == 1
    file = StoredFile.objects.get(pk=taken.file.id)
    assert (file.media_type, file.masking, file.width, file.height) == ("video/mp4", "done", 360, 640)
    assert file.duration_s == pytest.approx(2, abs=0.15)
    assert not default_storage.exists(name_of(file.id, UPLOAD))
    still = Image.open(BytesIO(got(mine, file.id, "full")[2])).convert("L")
    assert still.getpixel((300, 60)) > 220 > still.getpixel((60, 60)), "the bright corner has turned to the right"
    with files.open_variant(file.id, files.CLIP) as clip:
        data = clip.read()
    assert b"+16.4637" not in data
    with av.open(BytesIO(data)) as film:
        streams = sorted(stream.codec_context.name for stream in film.streams)
        assert streams == ["aac", "h264"] and film.streams.audio[0].layout.name == "mono"
        assert film.streams.video[0].average_rate <= 24
    assert waiting.encode_one() is False


def test_only_those_who_handle_it_play_it_and_in_pieces(tmp_path: Path, people: People) -> None:
    reporter = people.citizen()
    file_id = sent(samples.film(tmp_path / "a.mp4", seconds=1, sound=""), reporter).file.id
    open_case(actor=reporter, category="HT01", body="Xem video", file_ids=[file_id], **INSIDE)
    waiting.encode_one()
    waiting.mask_some()
    mine, desk = signed_in(reporter), signed_in(people.operator)
    assert got(Client(), file_id, "clip")[0] == got(desk, file_id, "clip")[0] == 404
    address = desk.post(f"/desk/photos/{file_id}/original")["Location"]
    assert JournalEntry.objects.get(action="file.original_seen").parts["audit"]["kind"] == "video"
    query = "?" + address.partition("?")[2]
    whole = got(desk, file_id, "clip", query)[2]
    assert whole[4:8] == b"ftyp"
    piece = desk.get(f"/files/{file_id}/clip{query}", headers={"Range": "bytes=100-199"})
    assert (piece.status_code, b"".join(piece.streaming_content)) == (206, whole[100:200])
    assert piece["Content-Range"] == f"bytes 100-199/{len(whole)}"
    last = mine.get(f"/files/{file_id}/clip", headers={"Range": "bytes=-50"})
    assert b"".join(last.streaming_content) == whole[-50:]
    assert mine.get(f"/files/{file_id}/clip", headers={"Range": "bytes=99999999-"}).status_code == 416


def test_a_film_that_is_none_is_refused_with_a_reason(tmp_path: Path, people: People) -> None:
    """Its head looked right; what came after did not."""
    reporter = people.citizen()
    data = bytearray(samples.film(tmp_path / "a.mp4", seconds=1, sound="").read_bytes())
    at = data.find(b"mdat")
    length = int.from_bytes(data[at - 4 : at], "big")
    data[at + 4 : at - 4 + length] = bytes(length - 8)
    file_id = files.store_upload(BytesIO(bytes(data)), owner_id=reporter.id).file.id
    case = open_case(actor=reporter, category="HT01", body="Xem video", file_ids=[file_id], **INSIDE)
    for _ in range(4):
        waiting.encode_one()
    file = StoredFile.objects.get(pk=file_id)
    assert (file.masking, file.sha256) == ("failed", "")
    assert not default_storage.exists(name_of(file_id, UPLOAD))
    assert "không được giữ lại" in signed_in(reporter).get(f"/me/cases/{case.code}").content.decode()


def test_a_film_that_is_a_list_of_addresses_leads_nowhere(tmp_path: Path, people: People) -> None:
    """It begins like QuickTime for us, and like a playlist for whoever guesses."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        there = f"http://127.0.0.1:{server.getsockname()[1]}/x.mp4"
        text = (
            '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" type="static"'
            f' mediaPresentationDuration="PT1S"><Period><AdaptationSet><Representation id="1" mimeType="video/mp4">'
            f"<BaseURL>{there}</BaseURL></Representation></AdaptationSet></Period></MPD>"
        )
        path = tmp_path / "list.mov"
        path.write_bytes(b"<!--moovAAAAmvhd" + b"A" * 96 + b"-->" + text.encode())
        file = sent(path, people.citizen()).file
        waiting.encode_one()
        with pytest.raises(TimeoutError):
            server.accept()
    file.refresh_from_db()
    assert file.masking == "failed"


def test_the_api_takes_films_and_says_how_far_they_are(tmp_path: Path, people: People) -> None:
    reporter = people.citizen()
    client = signed_in(reporter)
    data = samples.film(tmp_path / "a.mp4", seconds=1, sound="").read_bytes()
    upload = SimpleUploadedFile("a.mp4", data, content_type="video/mp4")
    answer = client.post("/api/v1/files", {"file": upload, "alt": "Nước ngập"})
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["kind"], told["state"], told["alt"], told["width"]) == ("video", "waiting", "Nước ngập", 640)
    assert told["duration_s"] == pytest.approx(1, abs=0.1)
    address = f"/api/v1/files/{told['id']}"
    assert client.get(address).json()["state"] == "waiting"
    assert signed_in(people.citizen()).get(address).status_code == 404
