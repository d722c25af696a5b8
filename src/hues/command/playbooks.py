"""What a city has thought through before anything happens: kinds of incident with their first lists, and levels with who may set them.

`cities/<city>/command.yaml`, read strictly: every mistake is said with its place. A city without the file has one plain kind and two levels.
An incident copies what it takes from here, so that a change of the file changes no incident.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from jsonschema import Draft202012Validator

from hues.city.memory import remembered
from hues.city.models import Agency, Category, Unit
from hues.city.pack import PackError, folder_of
from hues.city.pack.schemas import CODE, TEXTS
from hues.city.routing import of_kind

FILE = "command.yaml"
ROLES = ("operator", "lead", "command", "chair")
TOLD = ("centre", "leads", "command", "chair", "units", "agencies")
WAYS = ("immediate", "order")
PLACES_OF_BULLETIN = frozenset({"city", "moment", "name", "area", "hotline", "app"})

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Level:
    level: int
    names: Texts
    meaning: Texts
    by: tuple[str, ...]  # who may set it: ROLES
    tells: tuple[str, ...]  # who hears of it: TOLD


@dataclass(frozen=True)
class FirstTask:
    """A task that is offered when an incident of a kind begins; `agency` is a code, or a kind of body of which each unit has one."""

    code: str
    titles: Texts
    texts: Texts
    agency: str
    way: str
    minutes: int
    from_level: int


@dataclass(frozen=True)
class FirstSector:
    names: Texts
    agency: str


@dataclass(frozen=True)
class Kind:
    code: str
    icon: str
    names: Texts
    period_hours: int
    look_back_hours: int  # cases from so long before it was opened may belong to it
    categories: tuple[str, ...]  # of the cases that are offered; none: all
    immediate_category: str  # of the case behind a task that has to begin at once; "": only on a linked case
    remains_category: str  # of what remains when it is stood down
    agencies: tuple[str, ...]
    objectives: tuple[Texts, ...]
    sectors: tuple[FirstSector, ...]
    tasks: tuple[FirstTask, ...]
    bulletin: Texts


@dataclass(frozen=True)
class Playbook:
    command_agency: str
    field_kind: str
    levels: Mapping[int, Level]
    kinds: Mapping[str, Kind]

    def kind(self, code: str) -> Kind:
        """A kind that the pack no longer names is shown by its code."""
        return self.kinds.get(code) or _plain(code, {"en": code})


def _strict(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": required | optional,
        "required": list(required),
        "additionalProperties": False,
    }


def _some(items: dict[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least, "uniqueItems": True}


_NAME = {"type": "string", "pattern": "^[A-Za-z0-9_.-]{0,64}$"}
_SCHEMA = _strict(
    {
        "command_agency": CODE,
        "levels": {
            "type": "array",
            "minItems": 4,
            "maxItems": 4,
            "items": _strict(
                {
                    "level": {"type": "integer", "minimum": 1, "maximum": 4},
                    "names": TEXTS,
                    "meaning": TEXTS,
                    "by": _some({"enum": list(ROLES)}, 1),
                    "tells": _some({"enum": list(TOLD)}),
                }
            ),
        },
        "kinds": {
            "type": "array",
            "minItems": 1,
            "items": _strict(
                {
                    "code": {"type": "string", "pattern": "^[a-z][a-z_]{1,23}$"},
                    "icon": CODE,
                    "names": TEXTS,
                    "period_hours": {"type": "integer", "minimum": 1, "maximum": 72},
                    "look_back_hours": {"type": "integer", "minimum": 0, "maximum": 720},
                    "categories": _some(CODE),
                    "cases": _strict({"immediate": _NAME, "remains": _NAME}),
                    "agencies": _some(CODE),
                    "objectives": _some(TEXTS),
                    "sectors": _some(_strict({"names": TEXTS}, agency=CODE)),
                    "tasks": _some(
                        _strict(
                            {
                                "code": CODE,
                                "titles": TEXTS,
                                "texts": TEXTS,
                                "agency": CODE,
                                "way": {"enum": list(WAYS)},
                                "minutes": {"type": "integer", "minimum": 5, "maximum": 20160},
                            },
                            from_level={"type": "integer", "minimum": 1, "maximum": 4},
                        )
                    ),
                    "bulletin": TEXTS,
                }
            ),
        },
    },
    field_kind=_NAME,
)


@remembered
def playbook() -> Playbook:
    """Of this city."""
    return read(settings.CITY)


def read(city: str) -> Playbook:
    """The file of a city, its words checked. Raises PackError."""
    path = folder_of(city) / FILE
    if not path.is_file():
        return _NONE
    raw = _load(path)
    wrong = [f"{FILE}: {'/'.join(map(str, e.path)) or 'the file'}: {e.message}" for e in _checker.iter_errors(raw)]
    if wrong:
        raise PackError(sorted(wrong))
    if wrong := list(_odd(raw)):
        raise PackError(wrong)
    return _built(raw)


def check(city: str) -> Playbook:
    """The file of a city against what its pack has loaded: agencies, categories. Raises PackError."""
    found = read(city)
    if wrong := list(_strangers(found)):
        raise PackError(wrong)
    return found


_checker = Draft202012Validator(_SCHEMA)


class _Loader(yaml.SafeLoader):
    """A key may be given once."""


def _once(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in found:
            raise yaml.MarkedYAMLError(problem=f"'{key}' is given twice", problem_mark=key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _once)


def _load(path: Path) -> Any:
    try:
        return yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - built on the safe loader
    except yaml.YAMLError as mistake:
        raise PackError([f"{FILE}: {mistake}"]) from mistake


def _odd(raw: Mapping[str, Any]) -> Iterator[str]:
    """What the schema cannot see."""
    if [row["level"] for row in raw["levels"]] != [1, 2, 3, 4]:
        yield f"{FILE}: levels: they must be 1, 2, 3 and 4, in this order"
    codes = [kind["code"] for kind in raw["kinds"]]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield f"{FILE}: kinds: '{code}' is given more than once"
    for kind in raw["kinds"]:
        for text in kind["bulletin"].values():
            for word in _fields(text) - PLACES_OF_BULLETIN:
                yield f"{FILE}: {kind['code']}: bulletin: {{{word}}} is not known"
        tasks = [task["code"] for task in kind["tasks"]]
        for code in sorted({code for code in tasks if tasks.count(code) > 1}):
            yield f"{FILE}: {kind['code']}: task '{code}' is given more than once"
        if not kind["cases"]["immediate"] and any(task["way"] == "immediate" for task in kind["tasks"]):
            yield f"{FILE}: {kind['code']}: an immediate task needs cases/immediate"


def _fields(text: str) -> set[str]:
    from string import Formatter

    return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None}


def _strangers(found: Playbook) -> Iterator[str]:
    agencies = set(Agency.objects.values_list("code", flat=True))
    bodies = agencies | set(Agency.objects.values_list("kind", flat=True))
    groups = dict(Category.objects.values_list("code", "process_group"))
    if found.command_agency and found.command_agency not in agencies:
        yield f"{FILE}: command_agency: there is no agency '{found.command_agency}'"
    if found.field_kind and found.field_kind not in bodies:
        yield f"{FILE}: field_kind: no agency is of the kind '{found.field_kind}'"
    for kind in found.kinds.values():
        at = f"{FILE}: {kind.code}"
        yield from (f"{at}: there is no category '{code}'" for code in kind.categories if code not in groups)
        yield from (f"{at}: there is no agency '{code}'" for code in kind.agencies if code not in agencies)
        for body in {*(task.agency for task in kind.tasks), *(s.agency for s in kind.sectors if s.agency)} - bodies:
            yield f"{at}: no agency is of the kind '{body}'"
        if kind.immediate_category and groups.get(kind.immediate_category) != "immediate":
            yield f"{at}: cases/immediate: '{kind.immediate_category}' is not handled at once"
        if kind.remains_category and groups.get(kind.remains_category) != "timed":
            yield f"{at}: cases/remains: '{kind.remains_category}' is not handled with time"


def _built(raw: Mapping[str, Any]) -> Playbook:
    levels = {
        row["level"]: Level(row["level"], row["names"], row["meaning"], tuple(row["by"]), tuple(row["tells"]))
        for row in raw["levels"]
    }
    return Playbook(
        raw["command_agency"], raw.get("field_kind", ""), levels, {kind["code"]: _kind(kind) for kind in raw["kinds"]}
    )


def _kind(raw: Mapping[str, Any]) -> Kind:
    return Kind(
        code=raw["code"],
        icon=raw["icon"],
        names=raw["names"],
        period_hours=raw["period_hours"],
        look_back_hours=raw["look_back_hours"],
        categories=tuple(raw["categories"]),
        immediate_category=raw["cases"]["immediate"],
        remains_category=raw["cases"]["remains"],
        agencies=tuple(raw["agencies"]),
        objectives=tuple(raw["objectives"]),
        sectors=tuple(FirstSector(row["names"], row.get("agency", "")) for row in raw["sectors"]),
        tasks=tuple(FirstTask(**{"from_level": 1} | row) for row in raw["tasks"]),
        bulletin=raw["bulletin"],
    )


def _plain(code: str, names: Texts) -> Kind:
    text = {"vi": "{city}, {moment}. {name}: {area}. {hotline}.", "en": "{city}, {moment}. {name}: {area}. {hotline}."}
    return Kind(code, "warning", names, 6, 12, (), "", "", (), (), (), (), text)


_ANY = {n: Level(n, {"vi": f"Cấp {n}", "en": f"Level {n}"}, {}, ("lead", "chair"), ("leads",)) for n in (1, 2, 3, 4)}
_NONE = Playbook("", "", _ANY, {"other": _plain("other", {"vi": "Tình huống", "en": "Incident"})})


def bodies(code: str, units: list[Unit]) -> list[Agency]:
    """The agencies that a word of a playbook means: one of this code, or the body of this kind in each of the units."""
    found = Agency.objects.filter(code=code, valid_to=None).first()
    return [found] if found else [agency for unit in units if (agency := of_kind(code, unit)) is not None]
