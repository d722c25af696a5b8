"""The city's own words, read once for an import: a row is looked up in memory, thousands of times a second."""

from collections.abc import Mapping
from dataclasses import dataclass

from hues.cases import processes, reference
from hues.cases.definition import STAGES, State
from hues.city import pack
from hues.city import queries as city
from hues.city.models import Category
from hues.kernel.text import vn_fold
from hues.reports.imports.incoming import BadRow, Incoming


@dataclass(frozen=True)
class StateIn:
    process_id: int
    name: str
    phase: str
    is_open: bool


@dataclass(frozen=True)
class UnitIn:
    id: int
    approximate: bool


@dataclass
class Lookups:
    code_prefix: str
    language: str
    categories: Mapping[str, Category]
    by_name: Mapping[str, Category]
    agencies: dict[str, int]
    units: dict[str, int]

    def category(self, code: str) -> Category:
        """By its code, or by its name in any language."""
        found = self.categories.get(code) or self.by_name.get(vn_fold(code))
        if found is None:
            raise BadRow(f"there is no category {code!r} in this city")
        return found

    def unit(self, row: Incoming) -> UnitIn | None:
        """By its code where the source names it, else by the point; None where neither says."""
        if row.unit:
            if row.unit not in self.units:
                raise BadRow(f"there is no unit {row.unit!r} in this city")
            return UnitIn(self.units[row.unit], approximate=False)
        hit = city.unit_at(row.lat, row.lon) if row.lat is not None and row.lon is not None else None
        return UnitIn(hit.unit_id, hit.approximate) if hit else None

    def agency(self, row: Incoming) -> int | None:
        """Who handled it there; None where the source does not say."""
        if not row.agency:
            return None
        if row.agency not in self.agencies:
            raise BadRow(f"there is no agency {row.agency!r} in this city")
        return self.agencies[row.agency]

    def state(self, process: str, name: str, *, closed: bool) -> StateIn:
        """The named state; without a name the end of the way for a closed case, and its handling for an open one."""
        try:
            process_id, definition = processes.latest(process)
        except KeyError:
            raise BadRow(f"the process {process!r} is not loaded") from None
        states = definition.states
        if name and name not in states:
            raise BadRow(f"there is no state {name!r} in the process {process!r}")
        if not name:
            name = "closed" if closed else _handling(states)
        return StateIn(process_id, name, states[name].phase, states[name].open)


def _handling(states: Mapping[str, State]) -> str:
    """Where a case is that somebody has been given and not begun; in a process without such a state, where it begins."""
    handling = [state for state in states.values() if state.phase == "handling"]
    return min(handling, key=lambda state: (STAGES.index(state.stage), state.queue != "new", state.name)).name


def load_lookups() -> Lookups:
    settings, categories = pack.settings(), reference.categories_by_code()
    return Lookups(
        code_prefix=settings.get("code_prefix", "PA"),
        language=(settings.get("languages") or ["vi"])[0],
        categories=categories,
        by_name={vn_fold(name): category for category in categories.values() for name in category.names.values()},
        agencies={code: agency.pk for code, agency in reference.agencies_by_code().items()},
        units={unit.code: unit.pk for unit in reference.units().values()},
    )
