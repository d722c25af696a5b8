"""Publishing: every part of every data set is written anew and replaces the former file where it differs; what is gone is taken away."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction

from hues.insights.opendata import rows, store
from hues.insights.opendata.datasets import DataSet, data_sets
from hues.insights.opendata.files import sum_of, write_files
from hues.insights.opendata.store import OpenFile
from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM, Actor

SUBJECT = uuid5(NAMESPACE_URL, "hues:open-data")
DUE = timedelta(hours=20)  # after so long the next look publishes again, whatever happened at night


def publish(*, actor: Actor = SYSTEM) -> list[OpenFile]:
    """Write all data sets; returns the files whose content changed. A report that was hidden or erased since is in none of them any more.

    A file keeps its content, name and date while nothing in it changes. One publishes at a time.
    """
    if actor.kind != "system":
        raise PermissionError("open data are published by the system")
    folder = store.folder()
    folder.mkdir(parents=True, exist_ok=True)
    with _alone():
        before = {file.name: file for file in store.published().files}
        files = [file for one in data_sets() for file in _publish(one, before)]
        changed = [file for file in files if before.get(file.name) != file]
        gone = before.keys() - {file.name for file in files}
        store.write_list(files, clock.now())
        for name in gone:
            (folder / name).unlink(missing_ok=True)
        for path in folder.glob("*.new"):
            path.unlink(missing_ok=True)
        if changed or gone:
            _record(actor, changed, sorted(gone))
    return changed


def publish_if_due() -> bool:
    """Publish where nothing is published, or the last time is too long ago."""
    built = store.published().built_at
    if built is not None and clock.now() - built < DUE:
        return False
    publish()
    return True


def _record(actor: Actor, changed: list[OpenFile], gone: list[str]) -> None:
    with transaction.atomic():
        journal.record(
            actor=actor,
            action="open_data.published",
            subject_kind="open_data",
            subject_id=SUBJECT,
            topics=["centre"],
            public={"files": len(changed), "rows": sum(file.rows for file in changed if file.form == "csv")},
            staff={"files": {file.name: file.sha256 for file in changed}, "gone": gone},
        )


def _publish(data_set: DataSet, before: dict[str, OpenFile]) -> Iterator[OpenFile]:
    for partition in rows.partitions(data_set.id):
        names = {form: store.name_of(data_set, partition, form) for form in data_set.formats}
        fresh = {form: store.folder() / f"{name}.{os.getpid()}.new" for form, name in names.items()}
        count = write_files(data_set, rows.rows(data_set.id, partition), fresh)
        for form, name in names.items():
            file = OpenFile(
                name=name, data_set=data_set.id, version=data_set.version, partition=partition, form=form,
                bytes=fresh[form].stat().st_size, rows=count, sha256=sum_of(fresh[form]), changed_at=clock.now().isoformat(timespec="seconds"),
            )  # fmt: skip
            former = before.get(name)
            if former and (former.sha256, former.version) == (file.sha256, file.version):
                fresh[form].unlink()
                yield former
            else:
                fresh[form].replace(store.folder() / name)
                yield file


@contextmanager
def _alone() -> Iterator[None]:
    """One publisher on this disk at a time."""
    with (store.folder() / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)
