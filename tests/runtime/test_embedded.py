"""The embedded servers' places: programs and paths that need special care."""

import os
import shutil
from pathlib import Path

import pytest

from hues.runtime import shelter as shelters
from hues.runtime.places import data_dir, database_settings, secret
from hues.runtime.postgres import Postgres, binaries, free_port
from hues.runtime.shelter import NOBODY, Shelter, can_reach
from hues.runtime.trouble import Trouble

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root has an unprivileged user to turn to")


def test_a_long_path_is_served_over_tcp_because_sockets_cannot_have_it(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    postgres = Postgres(Shelter(deep, None))
    assert "@127.0.0.1:" in postgres.url
    assert "unix_socket_directories=" in list(postgres.program(None).run)  # type: ignore[call-overload]


def test_an_address_with_a_socket_reaches_django(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://hues:p%40ss@/city?host=/run/my%20socket&sslmode=disable")
    settings = database_settings()
    assert (settings["HOST"], settings["NAME"], settings["PASSWORD"]) == ("/run/my socket", "city", "p@ss")
    assert settings["OPTIONS"]["sslmode"] == "disable"


@root_only
def test_a_program_in_a_closed_folder_is_copied_for_its_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = Path("/tmp") / f"hues-outside-{os.getpid()}"  # noqa: S108 - any folder that everybody may enter
    monkeypatch.setattr(shelters, "OUTSIDE", outside)
    closed = tmp_path / "home"
    (closed / "tree" / "bin").mkdir(parents=True)
    closed.chmod(0o700)
    program = closed / "tree" / "bin" / "server"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    try:
        assert not can_reach(program, NOBODY)
        copy = Shelter(tmp_path, NOBODY).program(program, tree=closed / "tree")
        assert can_reach(copy, NOBODY) and copy.read_text() == "#!/bin/sh\n"
        assert Shelter(tmp_path, NOBODY).program(program, tree=closed / "tree") == copy, "copied twice"
        assert (closed.stat().st_mode & 0o777, program.stat().st_mode & 0o777) == (0o700, 0o700)
    finally:
        shutil.rmtree(outside, ignore_errors=True)


def test_data_of_another_major_version_is_refused_in_one_line() -> None:
    with pytest.raises(Trouble, match="no PostgreSQL 9 is installed"):
        binaries(exactly=9)


def test_a_secret_is_made_once_and_given_by_the_environment_first(monkeypatch: pytest.MonkeyPatch) -> None:
    first = secret("trial")
    assert secret("trial") == first
    assert (data_dir() / "secrets" / "trial.key").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("HUES_TRIAL_KEY", "given")
    assert secret("trial") == "given"


def test_ports_of_our_own_lie_below_those_that_the_system_lends() -> None:
    lent_from = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(port < max(lent_from, 32_001) for port in (free_port() for _ in range(20)))
