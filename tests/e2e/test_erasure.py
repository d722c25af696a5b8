"""A citizen takes a copy of their data, leaves, and comes back as a stranger; the city's log proves as before."""

import json
import re
import secrets
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Opened, code_for, eventually
from tests.served import ROOT, Served

WORDS = "Cửa nhà tôi có giàn hoa giấy, đèn đường tắt"


def sign_in(open_page: Opened, number: str) -> Page:
    page = open_page("/login")
    page.fill("[name=phone]", number)
    page.click("main form button.wide")
    page.wait_for_url("**/login/code")
    page.fill("[name=code]", code_for(open_page, number))
    page.click("main form button.wide")
    page.wait_for_url(re.compile(r":\d+/$"))
    return page


def report(page: Page) -> str:
    """One report over the JSON API, in this browser's session."""
    page.goto("/me/settings")
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    data = {"category": "DT01", "body": WORDS, "lat": 16.4637, "lon": 107.5909}
    reply = page.request.post("/api/v1/reports", data=data, headers={"X-CSRFToken": token, "Referer": page.url})
    assert reply.status == 201, reply.text()
    return str(reply.json()["code"])


def test_copy_then_erase_then_a_stranger(open_page: Opened, served: Served, tmp_path: Path) -> None:
    number = f"09{secrets.randbelow(90_000_000) + 10_000_000}"
    page = sign_in(open_page, number)
    code = report(page)
    page.goto("/me/settings")
    name = page.locator(".lead strong").inner_text()

    page.click("#data button")
    expect(page.locator("#data")).to_contain_text(re.compile("bản sao", re.I))  # is being made, or is made already
    ready = page.locator("#data a[download]")
    for _look in range(60):  # made by a job
        if ready.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    with page.expect_download() as waiting:
        ready.click()
    archive = tmp_path / "copy.zip"
    waiting.value.save_as(archive)
    data = json.loads(zipfile.ZipFile(archive).read("data.json"))
    assert data["account"]["phone"] == f"+84{number[1:]}" and data["reports"][0]["code"] == code

    page.goto("/me/settings")
    page.click("#leave a")
    page.click("text=Tiếp tục: xác nhận đúng là tôi")
    page.click("button[name=send]")
    page.fill("[name=code]", code_for(open_page, number))
    page.click("text=Đúng là tôi")
    page.wait_for_url("**/me/settings/erase")
    page.check("[name=published][value=withdraw]")
    page.check("[name=sure]")
    page.click("button.danger")
    page.wait_for_url("**/erasures/XD-*")
    receipt = page.url

    def done() -> bool:
        page.goto(receipt)
        return page.locator(".chip.good").count() == 1

    eventually(page, done)
    expect(page.locator("main")).to_contain_text("Phản ánh đã xóa")
    page.goto("/me")
    assert "/login" in page.url
    assert httpx.get(f"{served.base_url}/cases/{code}").status_code == 404

    stranger = sign_in(open_page, number)
    stranger.goto("/me/settings")
    assert stranger.locator(".lead strong").inner_text() != name
    stranger.goto("/me")
    assert code not in stranger.content()

    command = [sys.executable, "-m", "hues", "log", "verify"]
    verdict = subprocess.run(command, env=served.env, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
