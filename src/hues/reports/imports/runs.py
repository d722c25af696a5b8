"""Running an import: rows in, chunks stored, bad rows told with their line, however large the file is."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from hues.kernel import clock
from hues.kernel.actors import SYSTEM
from hues.reports.imports import files
from hues.reports.imports.actions import CHUNK, Tally, store_chunk
from hues.reports.imports.incoming import BadRow, Incoming
from hues.reports.imports.lookups import Lookups, load_lookups
from hues.reports.imports.mapping import FileMapping, MappingError

Tell = Callable[[str], None]


def import_file(
    path: Path, mapping: FileMapping, *, bad: Tell, progress: Callable[[Tally], None], chunk: int = CHUNK
) -> Tally:
    """Import a CSV file. Raises MappingError for a file that the mapping does not fit, files.Unreadable where it breaks
    off.
    """
    lookups = load_lookups()
    total, seen = Tally(), set[str]()
    with files.open_text(path) as file:
        rows = files.rows(file)
        _check_header(rows, mapping)
        for lines in _chunks(rows, chunk):
            done = _store(mapping, lines, lookups, seen, bad)
            total += done
            progress(total)
    return total


def _check_header(rows: Iterator[tuple[int, files.Row | BadRow]], mapping: FileMapping) -> None:
    line, header = next(rows, (0, BadRow("the file is empty")))
    if isinstance(header, BadRow):
        raise MappingError(f"line {line}: {header}")
    mapping.check_header(list(header))


def _chunks(
    rows: Iterable[tuple[int, files.Row | BadRow]], size: int
) -> Iterator[list[tuple[int, files.Row | BadRow]]]:
    """Groups of rows. What was read before the file breaks off still comes out as a last group."""
    source = iter(rows)
    broken: files.Unreadable | None = None
    while not broken:
        group: list[tuple[int, files.Row | BadRow]] = []
        try:
            for item in islice(source, size):
                group.append(item)  # one by one: what came before an error must not be lost
        except files.Unreadable as error:
            broken = error
        if group:
            yield group
        elif not broken:
            return
    raise broken


def _store(
    mapping: FileMapping, lines: list[tuple[int, files.Row | BadRow]], lookups: Lookups, seen: set[str], bad: Tell
) -> Tally:
    now = clock.now()
    incoming: list[Incoming] = []
    refused = 0
    for line, row in lines:
        try:
            if isinstance(row, BadRow):
                raise row
            case = mapping.incoming(row, now)
            case.line = line
            if case.source_id in seen:
                raise BadRow(f"number {case.source_id} stands twice")
            seen.add(case.source_id)
            incoming.append(case)
        except BadRow as error:
            refused += 1
            bad(f"line {line}: {error}")
    done, not_stored = store_chunk(source=mapping.source, rows=incoming, lookups=lookups, actor=SYSTEM)
    for case, why in not_stored:
        bad(f"line {case.line}: {why}")
    return done + Tally(read=refused, bad=refused)
