"""Process definitions from the city pack, as immutable rows: same content, same version; changed content, the next version.

`cities/<city>/processes/<code>.yaml` is a definition; `base: [<city>/<code>, …]` in it takes others and changes what the file says: mappings
are merged, everything else is replaced, `null` takes something away. Files whose name begins with `_` are only bases.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction

from hues.cases import promising  # noqa: F401 - its effects register themselves
from hues.cases.definition import DefinitionError, Process, Vocabulary
from hues.cases.effects import EFFECTS
from hues.cases.guards import GUARDS
from hues.cases.models import ProcessDefinition
from hues.cases.parsing import parse
from hues.city import pack
from hues.city.memory import forget, remembered
from hues.city.models import PackLoad
from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM
from hues.kernel.ids import new_id

VOCABULARY = Vocabulary(frozenset(EFFECTS), frozenset(GUARDS))


def load_processes(city: str) -> list[str]:
    """Store every definition of a city pack that is new or changed; returns "code version" of each stored.

    All or nothing. Raises DefinitionError naming file, place and mistake.
    """
    definitions = {path.stem: read(path) for path in sorted(folder(city).glob("[!_]*.yaml"))}
    if not definitions:
        raise DefinitionError(f"{folder(city)}: no process definitions")
    stored = []
    with transaction.atomic():
        for code, definition in definitions.items():
            text = json.dumps(definition, ensure_ascii=False)  # its order is the order of steps and fields on the desk
            sha256 = hashlib.sha256(text.encode()).hexdigest()
            latest = ProcessDefinition.objects.select_for_update().filter(code=code).order_by("-version").first()
            if latest and latest.sha256 == sha256:
                continue
            version = latest.version + 1 if latest else 1
            ProcessDefinition.objects.create(
                code=code, version=version, definition=text, sha256=sha256, created_at=clock.now()
            )
            journal.record(
                actor=SYSTEM,
                action="process.stored",
                subject_kind="city",
                subject_id=pack.city_id(city),
                topics=["centre"],
                staff={"code": code, "version": version, "sha256": sha256},
            )
            stored.append(f"{code} {version}")
        if stored:
            PackLoad.objects.update(stamp=new_id())  # tells every process to look again
    if stored:
        forget()
    return stored


def folder(city: str) -> Path:
    return Path(settings.CITIES_DIR) / city / "processes"


def read(path: Path) -> dict[str, Any]:
    """The definition in a file, checked. Raises DefinitionError."""
    definition = _read_raw(path, ())
    where = f"{path.parent.parent.name}/{path.name}"
    process = parse(definition, VOCABULARY, where)
    if process.code != path.stem:
        raise DefinitionError(f"{where}: code {process.code!r} is not the file's name")
    return definition


def _read_raw(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as mistake:
        raise DefinitionError(f"{path}: {mistake}") from mistake
    if not isinstance(raw, dict) or path in seen:
        raise DefinitionError(f"{path}: not a definition")
    below: dict[str, Any] = {}
    for base in raw.pop("base", ()):
        city, _, code = str(base).partition("/")
        below = _merged(below, _read_raw(folder(city) / f"{code}.yaml", (*seen, path)))
    return _merged(below, raw) if below else raw


def _merged(base: Any, changes: Any) -> Any:
    """`changes` on top of `base`; what the changes name comes first, which is also the order of steps on the desk."""
    if not isinstance(base, Mapping) or not isinstance(changes, Mapping):
        return changes
    merged = {key: _merged(base.get(key), value) for key, value in changes.items()} | {
        key: value for key, value in base.items() if key not in changes
    }
    return {key: value for key, value in merged.items() if value is not None}


@lru_cache(maxsize=256)
def process(definition_id: int) -> Process:
    """The definition that a case pins. Rows never change, so it is read once."""
    row = ProcessDefinition.objects.get(pk=definition_id)
    return parse(json.loads(row.definition), VOCABULARY, f"{row.code} {row.version}")


@remembered
def _latest() -> Mapping[str, int]:
    rows = ProcessDefinition.objects.order_by("code", "-version").distinct("code")
    return dict(rows.values_list("code", "pk"))


def latest(code: str) -> tuple[int, Process]:
    """The newest version of a process, for cases that begin now. Raises KeyError where the pack has none of that name."""
    definition_id = _latest()[code]
    return definition_id, process(definition_id)


@remembered
def known() -> Mapping[int, Process]:
    """Every version that cases may pin."""
    return {
        definition_id: process(definition_id)
        for definition_id in ProcessDefinition.objects.values_list("pk", flat=True)
    }
