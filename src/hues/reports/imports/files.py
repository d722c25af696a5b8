"""Reading a file of reports: CSV, plain or gzipped, row by row, so that its size does not matter."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from hues.reports.imports.incoming import BadRow
from hues.reports.imports.mapping import Row

MAX_CELL = 1_000_000  # characters; csv's own limit guards against a quote that never ends


class Unreadable(Exception):
    """The file ends or breaks in the middle; what was read before it stays."""


def open_text(path: Path) -> IO[str]:
    """The file as text. Bytes that are not UTF-8 come through as lone surrogates, which `rows` reports by line."""
    raw: IO[bytes] = path.open("rb")
    magic = raw.read(2)
    raw.seek(0)
    binary = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if magic == b"\x1f\x8b" else raw
    return io.TextIOWrapper(binary, encoding="utf-8-sig", errors="surrogateescape", newline="")


def rows(file: IO[str]) -> Iterator[tuple[int, Row | BadRow]]:
    """The header's line as (1, {name: name}), then each row with the line it begins on; a row that is broken comes as
    BadRow.
    """
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(file, strict=True)
    header: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, BadRow(str(error))
            continue
        except (EOFError, OSError, zlib.error) as error:
            raise Unreadable(f"line {line}: {error}") from error
        if header is None:
            header = [cell.strip() for cell in cells]
            yield line, dict(zip(header, header, strict=True))
        elif cells:
            yield line, _row(header, cells)


def _row(header: list[str], cells: list[str]) -> Row | BadRow:
    if len(cells) != len(header):
        return BadRow(f"{len(cells)} cells where the header has {len(header)}")
    if any("\udc80" <= char <= "\udcff" for cell in cells if not cell.isascii() for char in cell):
        return BadRow("not UTF-8")
    return dict(zip(header, cells, strict=True))
