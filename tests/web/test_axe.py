"""axe finds nothing on the shell's own pages and on the gallery of components, light and dark, on a phone and at a desk.

Pages come from Django's test client and files from the rooms: no server is needed.
"""

import mimetypes
import os
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as deployment
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Route, sync_playwright
from pytest_django import Settings

from tests.web import axe

pytestmark = pytest.mark.e2e
PAGES = ("/", "/privacy", "/offline", "/khong-co", "/dev/components", "/dev/components?shell=desk")
ORIGIN = "http://testserver"


@pytest.mark.django_db
def test_axe_finds_nothing(settings: Settings) -> None:
    program = os.environ.get("HUES_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not program or not axe.SOURCE.exists():
        pytest.skip("no Chromium or no axe-core on this machine")
    settings.SANDBOX = True
    client = Client()
    rendered = {path: client.get(path).content.decode() for path in PAGES}  # before the browser's own loop runs
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        views = [(width, theme) for width in (360, 1440) for theme in ("light", "dark")]
        wrong = [line for width, theme in views for line in examined(browser, rendered, width, theme)]
        browser.close()
    assert not wrong, "\n".join(wrong)


def examined(browser: Browser, rendered: dict[str, str], width: int, theme: Any) -> list[str]:
    """What is wrong on any of the pages, at a width and in a theme."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce")
    context.route("**/*", lambda route: answer(route, rendered))
    page = context.new_page()
    wrong: list[str] = []
    for path in PAGES:
        page.goto(ORIGIN + path)
        wrong += [f"{path} {width} {theme}: {violation}" for violation in axe.run(page)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"{path} {width}: scrolls sideways")
    context.close()
    return wrong


def answer(route: Route, rendered: dict[str, str]) -> None:
    url = urlsplit(route.request.url)
    path = url.path + (f"?{url.query}" if url.query else "")
    if path in rendered:
        route.fulfill(body=rendered[path], content_type="text/html; charset=utf-8")
    elif url.path.startswith("/static/") and (file := static_file(url.path.removeprefix("/static/"))):
        route.fulfill(
            body=Path(file).read_bytes(), content_type=mimetypes.guess_type(url.path)[0] or "application/octet-stream"
        )
    else:
        route.fulfill(status=404, body="")


def static_file(name: str) -> str | None:
    """Where a file lies: built under its hashed name, else in its room."""
    built = Path(deployment.STATIC_ROOT) / name
    return str(built) if built.exists() else finders.find(name)
