"""A city is saved while it goes on, and comes back whole; what is damaged, newer or in the way is refused."""

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.served import Served, make_city

ENTRY = """
insert into kernel_journalentry (id, at, actor_kind, action, subject_kind, subject_id, parts, topics, salt)
values (gen_random_uuid(), now(), 'system', 'test.saved', 'case', gen_random_uuid(), '{}', '{}', '\\x00')
"""


@pytest.fixture
def other_city() -> Iterator[Served]:
    city = make_city()
    try:
        yield city
    finally:
        city.clean_up()


def query(city: Served, statement: str) -> Any:
    with psycopg.connect((city.data_dir / "run" / "database.url").read_text().strip()) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone() if cursor.description else None


def test_a_saved_city_comes_back_in_another_place(fresh_served: Served, other_city: Served, tmp_path: Path) -> None:
    photo = fresh_served.data_dir / "files" / "ab" / "photo.webp"
    photo.parent.mkdir()
    photo.write_bytes(bytes(range(256)) * 1000)
    key = fresh_served.hues("key", "create", "--scope", "open311", "Đà Nẵng").stdout.strip()
    query(fresh_served, ENTRY)
    archive = tmp_path / "city.tar.gz"

    said = fresh_served.hues("backup", str(archive)).stdout
    assert "1 files" in said and archive.stat().st_mode & 0o777 == 0o600
    fresh_served.stop()

    other_city.hues("restore", str(archive))

    assert (other_city.data_dir / "files" / "ab" / "photo.webp").read_bytes() == photo.read_bytes()
    for name in ("django.key", "vault.key"):
        saved = fresh_served.data_dir / "secrets" / name
        assert not saved.exists() or (other_city.data_dir / "secrets" / name).read_text() == saved.read_text()
    other_city.start()
    assert query(other_city, "select count(*) from kernel_journalentry where action = 'test.saved'") == (1,)
    assert query(other_city, "select name from people_apikey") == ("Đà Nẵng",)
    assert key.startswith("hues_")
    # Transaction numbers of the old server mean nothing here: the relay must not wait for them.
    assert query(
        other_city, "select coalesce(bool_and(xid < pg_snapshot_xmax(pg_current_snapshot())), true) from kernel_outbox"
    ) == (True,)


def test_a_city_with_something_in_it_is_not_overwritten(fresh_city: Served, tmp_path: Path) -> None:
    archive = tmp_path / "city.tar"
    fresh_city.hues("backup", str(archive))
    fresh_city.hues("key", "create", "--scope", "open311", "newer than the backup")
    stray = fresh_city.data_dir / "files" / "stray.webp"
    stray.write_bytes(b"of the city that will be replaced")

    refused = fresh_city.hues("restore", str(archive), check=False)
    assert refused.returncode == 2 and "not empty" in refused.stderr and refused.stderr.count("\n") == 1

    fresh_city.hues("restore", str(archive), "--replace")
    assert not stray.exists()
    assert fresh_city.hues("restore", str(archive)).returncode == 0, "the journal of the replaced city is still there"


def test_a_serving_city_is_not_restored_over(fresh_served: Served, tmp_path: Path) -> None:
    archive = tmp_path / "city.tar"
    fresh_served.hues("backup", str(archive))
    refused = fresh_served.hues("restore", str(archive), "--replace", check=False)
    assert refused.returncode == 2 and "stop it first" in refused.stderr


def test_a_damaged_backup_changes_nothing(fresh_city: Served, tmp_path: Path) -> None:
    archive, damaged = tmp_path / "city.tar", tmp_path / "damaged.tar"
    (fresh_city.data_dir / "files" / "kept.webp").write_bytes(b"kept")
    fresh_city.hues("backup", str(archive))
    rewrite(archive, damaged, lambda name, content: content[:-1] + b"?" if name == "files/kept.webp" else content)

    for file, complaint in ((damaged, "damaged"), (cut_off(archive, tmp_path), "cannot be read|cut off")):
        refused = fresh_city.hues("restore", str(file), check=False)
        assert refused.returncode == 1
        assert any(word in refused.stderr for word in complaint.split("|")), refused.stderr
        assert refused.stderr.count("\n") == 1
    assert (fresh_city.data_dir / "files" / "kept.webp").read_bytes() == b"kept"


def test_a_backup_cannot_write_elsewhere(fresh_city: Served, tmp_path: Path) -> None:
    archive = tmp_path / "evil.tar"
    for name in ("../outside.txt", "files/../../outside.txt", "/etc/outside.txt", "files/.hidden"):
        with tarfile.open(archive, "w") as tar:
            add(tar, name, b"evil")
            add(tar, "manifest.json", json.dumps({"format": 1, "sha256": {}, "migrations": []}).encode())
        refused = fresh_city.hues("restore", str(archive), check=False)
        assert refused.returncode == 1 and "which no backup" in refused.stderr, name


def test_a_backup_of_a_newer_program_is_refused(fresh_city: Served, tmp_path: Path) -> None:
    archive, newer = tmp_path / "city.tar", tmp_path / "newer.tar"
    fresh_city.hues("backup", str(archive))

    def from_the_future(name: str, content: bytes) -> bytes:
        if name != "manifest.json":
            return content
        manifest = json.loads(content)
        return json.dumps(manifest | {"migrations": [*manifest["migrations"], "cases.9999_of_next_year"]}).encode()

    rewrite(archive, newer, from_the_future)
    refused = fresh_city.hues("restore", str(newer), check=False)
    assert refused.returncode == 2 and "newer Hue-S" in refused.stderr


def rewrite(source: Path, target: Path, change: Any) -> None:
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old:
            content = old.extractfile(member)
            assert content
            add(new, member.name, change(member.name, content.read()))


def add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


def cut_off(archive: Path, folder: Path) -> Path:
    """As an interrupted copy leaves it."""
    half = folder / "half.tar"
    half.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    return half
