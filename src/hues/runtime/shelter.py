"""Where the embedded servers live, and as whom they run.

PostgreSQL refuses to run as root, rightly. Started by root, both servers run as an unprivileged user in folders of
their own. Where that user cannot enter
the data folder or reach the programs (a checkout in root's home), data and copies of the programs live below
/var/lib/hues instead; no permission outside
our own folders is ever changed.
"""

import hashlib
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from hues.runtime.trouble import Trouble

NOBODY = 65534
OUTSIDE = Path("/var/lib/hues")


@dataclass(frozen=True)
class Shelter:
    """`folder` holds one folder a server; `uid` is whom they become, None for ourselves."""

    folder: Path
    uid: int | None

    def room(self, name: str) -> Path:
        """The folder of one server, private to its user."""
        folder = self.folder / name
        if not folder.is_dir():
            folder.mkdir(mode=0o700)
            if self.uid is not None:
                os.chown(folder, self.uid, self.uid)
        return folder

    def program(self, path: Path, *, tree: Path | None = None) -> Path:
        """`path`, or the same program in a copy (of the whole `tree` it needs) where the servers' user cannot reach
        it.
        """
        if self.uid is None or can_reach(path, self.uid):
            return path
        origin = tree or path
        stamp = f"{origin}:{path.stat().st_mtime_ns}:{path.stat().st_size}"
        copy = OUTSIDE / "programs" / f"{origin.name}-{hashlib.sha256(stamp.encode()).hexdigest()[:12]}"
        if not copy.exists():
            _copy(origin, copy)
        found = copy / path.relative_to(tree) if tree else copy
        if not can_reach(found, self.uid):
            raise Trouble(
                f"the database's user cannot run {found}; install Hue-S in a folder that every user may enter"
            )
        return found


def shelter(data_dir: Path) -> Shelter:
    """The place for the servers of this data folder: the folder itself, or the one outside that it points to."""
    if os.geteuid() != 0:
        return Shelter(data_dir, None)
    pointer = data_dir / "servers.path"
    if pointer.exists():
        folder = Path(pointer.read_text().strip())
        if not folder.is_dir():
            raise Trouble(f"{pointer} names {folder}, which is gone: the database of this city was there")
        return Shelter(folder, NOBODY)
    if can_reach(data_dir, NOBODY):
        return Shelter(data_dir, NOBODY)
    folder = OUTSIDE / f"{data_dir.name}-{secrets.token_hex(4)}"
    refused = f"PostgreSQL's user can enter neither {data_dir} nor {folder}: choose another --data-dir"
    try:
        folder.mkdir(parents=True, mode=0o711)
    except OSError as error:
        raise Trouble(refused) from error
    if not can_reach(folder, NOBODY):
        raise Trouble(refused)
    pointer.write_text(f"{folder}\n")
    return Shelter(folder, NOBODY)


def can_reach(path: Path, uid: int) -> bool:
    """Whether that user may enter this folder, or run this program: asked as that user, so that access lists count
    too.
    """
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            os._exit(0 if os.access(path, os.X_OK) else 1)
        finally:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def _copy(origin: Path, copy: Path) -> None:
    """Copy a program so that every user may run it; half a copy is never seen under the final name."""
    copy.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    fresh = copy.with_name(f"{copy.name}.{os.getpid()}")
    if origin.is_dir():
        shutil.copytree(origin, fresh, symlinks=True)
        for folder, _, files in os.walk(fresh):
            for path in (Path(folder), *(Path(folder, file) for file in files)):
                path.chmod(0o755)
    else:
        shutil.copy(origin, fresh)
        fresh.chmod(0o755)
    try:
        fresh.rename(copy)
    except OSError:  # another process was first
        shutil.rmtree(fresh, ignore_errors=True)
