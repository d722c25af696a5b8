"""All rooms' templates: they compile, name icons and files that exist, and carry no inline script, style or handler."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template

from hues.web.templatetags.hues import OWN_ICONS

SOURCE = Path(__file__).resolve().parents[2] / "src" / "hues"
TEMPLATES = sorted(path for path in SOURCE.glob("*/templates/**/*.html"))
MADE_BY_THE_BUILD = ("vendor/", "web/bundle-")


def name(path: Path) -> str:
    return path.as_posix().split("/templates/")[1]


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_compiles(path: Path) -> None:
    get_template(name(path))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_its_icons_exist(path: Path) -> None:
    named = re.findall(r"""\{% (?:icon|empty) ["']([\w-]+)["']""", path.read_text(encoding="utf-8"))
    assert set(named) <= OWN_ICONS


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_its_static_files_exist(path: Path) -> None:
    named = re.findall(r"""\{% static ["']([^"']+)["']""", path.read_text(encoding="utf-8"))
    assert [file for file in named if not file.startswith(MADE_BY_THE_BUILD) and not finders.find(file)] == []


# Not pages of ours: mail programs know no style sheets, and other people's pages have none of ours.
ELSEWHERE = {"notifications/mail.html", "reports/embed_frame_code.html", "reports/embed_link_code.html"}


@pytest.mark.parametrize("path", [path for path in TEMPLATES if name(path) not in ELSEWHERE], ids=name)
def test_nothing_in_it_needs_the_policy_against_injection_relaxed(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "inline script"
    assert not re.search(r"<style|\sstyle=", text), "inline style"
    assert not re.search(r"\son\w+=", text), "inline handler"
    assert "|safe" not in text and "autoescape off" not in text, "unescaped"
