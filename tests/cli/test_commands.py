"""Commands beside a serving city and without one."""

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from tests.served import Served


def test_a_key_is_printed_alone(fresh_city: Served) -> None:
    done = fresh_city.hues("key", "create", "--scope", "open311", "Neighbour")
    assert re.fullmatch(r"hues_\w+_\S+\n", done.stdout)
    assert done.stderr == ""


def test_commands_find_the_city_that_is_being_served(fresh_served: Served) -> None:
    fresh_served.hues("key", "create", "--scope", "open311", "Neighbour")
    with psycopg.connect((fresh_served.data_dir / "run" / "database.url").read_text().strip()) as connection:
        assert connection.execute("select name from people_apikey").fetchall() == [("Neighbour",)]


def test_commands_without_a_city_wait_for_each_other(fresh_city: Served) -> None:
    with ThreadPoolExecutor(3) as together:
        keys = list(together.map(lambda n: fresh_city.hues("key", "create", "--scope", "open311", n).stdout, "abc"))
    assert len(set(keys)) == 3
    assert not (fresh_city.data_dir / "postgres" / "data" / "postmaster.pid").exists(), "the database was left running"


def test_an_administrator_is_made_with_a_generated_password(fresh_city: Served) -> None:
    done = fresh_city.hues("user", "create", "minh", "--role", "administrator", "--generate")
    assert re.fullmatch(r"\S{16}\n", done.stdout)
    again = fresh_city.hues("user", "create", "minh", "--role", "administrator", "--generate", check=False)
    assert (again.returncode, again.stdout) == (1, "")
    assert "taken" in again.stderr and again.stderr.count("\n") == 1


def test_an_officer_needs_an_agency_and_leaves_no_half_account(fresh_city: Served) -> None:
    refused = fresh_city.hues("user", "create", "lan", "--role", "officer", "--generate", check=False)
    assert refused.returncode == 1 and "agency" in refused.stderr
    fresh_city.hues("user", "create", "lan", "--role", "operator", "--generate")


def test_the_doctor_finds_a_healthy_city_healthy(fresh_served: Served) -> None:
    said = fresh_served.hues("doctor", check=False).stdout
    for part in ("Python", "PostgreSQL", "disk", "secrets", "database", "clocks", "tables", "city pack", "log", "NATS"):
        assert re.search(rf"^ok   +{part}\b", said, re.M), said


def test_the_doctor_names_what_is_wrong(fresh_city: Served) -> None:
    fresh_city.hues("migrate")
    key = fresh_city.data_dir / "secrets" / "django.key"
    key.chmod(0o644)
    done = fresh_city.hues("doctor", check=False, HUES_POSTGRES_BIN="/nowhere")
    assert done.returncode == 1
    assert re.search(r"^FAIL +secrets +others can read django.key", done.stdout, re.M), done.stdout


def test_secrets_and_addresses_are_for_the_service_only(fresh_served: Served) -> None:
    private = [*(fresh_served.data_dir / "secrets").iterdir(), *(fresh_served.data_dir / "run").glob("*.url")]
    assert len(private) >= 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}


def test_passwords_are_not_in_any_command_line(fresh_served: Served) -> None:
    secrets = [path.read_text().strip() for path in (fresh_served.data_dir / "secrets").iterdir()]
    assert fresh_served.process
    lines = [Path(f"/proc/{pid}/cmdline").read_text() for pid in [fresh_served.process.pid, *fresh_served.all_pids()]]
    assert not [line for line in lines for secret in secrets if secret in line]


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"], ["--version"], ["backup", "--help"]])
def test_help_needs_nothing(arguments: list[str], fresh_city: Served) -> None:
    done = fresh_city.hues(*arguments, DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert done.stdout


def test_an_unknown_command_is_refused(fresh_city: Served) -> None:
    done = fresh_city.hues("fly", check=False)
    assert done.returncode == 2 and "invalid choice" in done.stderr
