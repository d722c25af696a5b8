"""The built files: hashed, compressed, and light enough for a slow network."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from hues.web.storage import Static

# Bytes with fonts, without the map and without photos. The filing page brings all kinds with their questions (18,000) and
# its scripts (27,000): it works without a network from then on, and paints before most of that is there.
FIRST_PAGES = {"/": 60_000, "/report": 105_000}
HEADERS = 350  # bytes of headers with each static file, measured


def test_without_a_build_files_keep_their_plain_names(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_LIVE = True
    assert Static(location=tmp_path, base_url="/static/").url("web/ui.js") == "/static/web/ui.js"


@pytest.fixture
def built() -> Path:
    root = Path(settings.STATIC_ROOT)
    if settings.STATIC_LIVE:
        pytest.skip("the static files are not built here: `hues build-web`")
    return root


def sent(root: Path, address: str) -> int:
    """Bytes on the wire to a browser that knows Brotli."""
    file = root / address.removeprefix("/static/")
    small = file.with_name(file.name + ".br")
    return (small if small.exists() else file).stat().st_size + HEADERS


@pytest.mark.django_db
@pytest.mark.parametrize("path", FIRST_PAGES)
def test_the_first_page_is_light(client: Client, built: Path, path: str) -> None:
    html = client.get(path).content
    addresses = set(re.findall(rb'(?:href|src)="(/static/[^"#]+)', html)) - set(
        re.findall(rb'rel="apple-touch-icon" href="([^"]+)', html)
    )
    files = {address.decode() for address in addresses}
    sheet = next(file for file in files if "bundle-citizen" in file)
    css = (built / sheet.removeprefix("/static/")).read_text(encoding="utf-8")
    files |= {
        f"/static/{name}"
        for name in re.findall(r"vendor/fonts/be-vietnam-pro-(?:core|vietnamese)-(?:400|600)\.\w+\.woff2", css)
    }
    files |= {f"/static/web/{name}" for name in re.findall(r"(?:lattice|cloud)\.\w+\.svg", css)}
    weights = {file: sent(built, file) for file in files if not file.startswith("/static/vendor/maplibre")}
    total = len(gzip.compress(html)) + 1_200 + sum(weights.values())
    assert total < FIRST_PAGES[path], sorted(weights.items(), key=lambda item: -item[1])


def test_names_are_hashed_and_modules_import_hashed_names(built: Path) -> None:
    live = next(built.glob("web/live.????????????.js")).read_text(encoding="utf-8")
    assert re.search(r'from "\./ui\.[0-9a-f]{12}\.js"', live)


def test_licences_lie_beside_what_is_not_ours(built: Path) -> None:
    for folder in ("fonts", "htmx", "maplibre"):
        assert list((built / "vendor" / folder).glob("LICENSE*")), folder
    assert "ISC licence" in (built / "vendor" / "kinds.svg").read_text(encoding="utf-8")


def test_the_fonts_speak_vietnamese(built: Path) -> None:
    from fontTools.ttLib import TTFont

    letters = set("aăâbcdđeêghiklmnoôơpqrstuưvxyAĂÂĐÊÔƠƯ") | set(
        "ạảãàáặẳẵằắậẩẫầấẹẻẽèéệểễềếịỉĩìíọỏõòóộổỗồốợởỡờớụủũùúựửữừứỵỷỹỳý"
    )
    for weight in (400, 600, 700):
        drawn: set[int] = set()
        for part in ("core", "vietnamese"):
            drawn |= set(TTFont(built / "vendor" / "fonts" / f"be-vietnam-pro-{part}-{weight}.woff2").getBestCmap())
        assert {letter for letter in letters if ord(letter) not in drawn} == set()
