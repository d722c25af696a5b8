"""The operator's commands for other cities: what they print, and what they say when something is wrong."""

import argparse
import io
from pathlib import Path
from typing import Any

import pytest

from hues.cases.models import Case
from hues.cli import imports, open311
from hues.reports.models import RemoteCity
from tests.reports.conftest import LAMP, NOW
from tests.reports.test_open311_client import OtherCity, other

__all__ = ["other"]  # the fixture


def run(module: Any, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    module.add(parser.add_subparsers())
    return int(module.run(parser.parse_args(arguments)))


def test_a_city_is_read_by_one_command(other: OtherCity, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other.add(1, NOW)
    other.add(2, NOW)
    services = tmp_path / "services.yaml"
    services.write_text(f'"006": {LAMP}\n')
    arguments = ("import", "open311", f"{other.url}/discovery.xml", "--name", "elsewhere", "--services", str(services))
    assert run(imports, *arguments) == 0
    assert "elsewhere: 2 rows: 2 added" in capsys.readouterr().out
    assert run(imports, *arguments) == 0
    assert "0 added, 0 changed, 2 unchanged" in capsys.readouterr().out
    assert Case.objects.count() == 2


def test_what_cannot_be_read_is_told_and_the_exit_code_says_so(
    other: OtherCity, capsys: pytest.CaptureFixture[str]
) -> None:
    other.add(1, NOW)
    assert run(imports, "import", "open311", f"{other.url}/v2", "--name", "elsewhere") == 1
    assert "no category for service '006'" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["ftp://example.org", "http://169.254.169.254/v2", "nonsense"])
def test_an_address_that_is_not_for_us_is_one_clear_line(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(imports, "import", "open311", url) == 1
    assert capsys.readouterr().err.startswith("hues: ")
    assert not RemoteCity.objects.exists()


def test_a_city_is_fed_after_one_command(
    other: OtherCity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("their-key\n"))
    services = tmp_path / "services.yaml"
    services.write_text(f"out: {{{LAMP}: '006'}}\n")
    arguments = ("cities", "add", "elsewhere", f"{other.url}/v2", "--key-stdin", "--feed-on", "elsewhere")
    assert run(open311, *arguments, "--services", str(services)) == 0
    city = RemoteCity.objects.get()
    assert (city.feed_on, city.services_out) == ("elsewhere", {LAMP: "006"})
    assert run(open311, "cities", "list") == 0
    assert "fed on elsewhere: 0 sent, 0 waiting, 0 given up" in capsys.readouterr().out


def test_a_service_that_the_other_city_does_not_offer_is_noticed(
    other: OtherCity, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    services = tmp_path / "services.yaml"
    services.write_text(f"out: {{{LAMP}: '999'}}\n")
    assert run(open311, "cities", "add", "elsewhere", f"{other.url}/v2", "--services", str(services)) == 1
    assert "offers no service 999" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "services", "told"), [("Bad Name!", "", "name"), ("elsewhere", "out: {XX99: '006'}", "services_out")]
)
def test_a_mistake_is_named(
    other: OtherCity, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, services: str, told: str
) -> None:
    file = tmp_path / "services.yaml"
    file.write_text(services or "{}")
    assert run(open311, "cities", "add", name, f"{other.url}/v2", "--services", str(file)) == 1
    assert told in capsys.readouterr().err
    assert not RemoteCity.objects.exists()
