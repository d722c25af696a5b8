"""Texts: our own compiler agrees with Python's reader; every room speaks Vietnamese, and with one voice."""

import gettext
import io
from collections import defaultdict
from pathlib import Path

import pytest

from hues.web.catalogues import CatalogueError, compile_catalogue, read_catalogue

SOURCE = Path(__file__).resolve().parents[2] / "src" / "hues"
CATALOGUES = sorted(SOURCE.glob("*/locale/vi/LC_MESSAGES/django.po"))
HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'


def translations(text: str) -> gettext.GNUTranslations:
    return gettext.GNUTranslations(io.BytesIO(compile_catalogue(HEAD + text)))


def test_python_reads_what_we_compiled() -> None:
    found = translations(
        'msgid "Close"\nmsgstr "Đóng"\n\n'
        'msgctxt "state"\nmsgid "Close"\nmsgstr "Đã đóng"\n\n'
        'msgid "{n} day"\nmsgid_plural "{n} days"\nmsgstr[0] "một"\nmsgstr[1] "nhiều"\n\n'
        'msgid ""\n"long "\n"\\"text\\""\nmsgstr "dài"\n'
    )
    assert found.gettext("Close") == "Đóng"
    assert found.pgettext("state", "Close") == "Đã đóng"
    assert (found.ngettext("{n} day", "{n} days", 1), found.ngettext("{n} day", "{n} days", 5)) == ("một", "nhiều")
    assert found.gettext('long "text"') == "dài"


def test_unfinished_and_obsolete_entries_stay_out() -> None:
    found = translations('#, fuzzy\nmsgid "a"\nmsgstr "b"\n\nmsgid "c"\nmsgstr ""\n\n#~ msgid "d"\n#~ msgstr "e"\n')
    assert [found.gettext(word) for word in "acd"] == ["a", "c", "d"]


def test_a_broken_catalogue_names_the_line() -> None:
    with pytest.raises(CatalogueError, match="line 2"):
        read_catalogue('msgid "a"\nmsgstr "b\n')


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-5])
def test_every_text_of_a_room_is_translated(path: Path) -> None:
    unfinished = [
        entry.id for entry in read_catalogue(path.read_text(encoding="utf-8")) if entry.id and not entry.translated
    ]
    assert unfinished == []


def test_one_english_text_has_one_vietnamese_text_in_all_rooms() -> None:
    """Django merges the rooms' catalogues: what differs by meaning needs a context (pgettext)."""
    said: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in CATALOGUES:
        for entry in read_catalogue(path.read_text(encoding="utf-8")):
            if entry.id:
                said[entry.key][entry.value].append(path.parts[-5])
    torn = {key: dict(values) for key, values in said.items() if len(values) > 1}
    assert torn == {}
