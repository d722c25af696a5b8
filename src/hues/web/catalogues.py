"""GNU gettext catalogues: the text of a `.po` → the bytes of a `.mo` (GNU gettext manual, "The Format of GNU MO Files")."""

import ast
import struct
from dataclasses import dataclass, field


class CatalogueError(ValueError):
    """The catalogue cannot be read; the message names the line."""


@dataclass
class Entry:
    context: str | None = None
    id: str = ""
    plural: str | None = None
    texts: dict[int, str] = field(default_factory=dict)
    fuzzy: bool = False

    @property
    def key(self) -> str:
        """What gettext looks up: context EOT id NUL plural."""
        key = self.id if self.context is None else f"{self.context}\x04{self.id}"
        return key if self.plural is None else f"{key}\0{self.plural}"

    @property
    def value(self) -> str:
        return "\0".join(self.texts[i] for i in sorted(self.texts))

    @property
    def translated(self) -> bool:
        return bool(self.texts) and all(self.texts.values()) and not self.fuzzy


def read_catalogue(text: str) -> list[Entry]:
    """All entries of a `.po`, the header (empty id) among them."""
    entries: list[Entry] = []
    entry, part, seen = Entry(), "", False

    def close() -> None:
        nonlocal entry, part, seen
        if seen:
            entries.append(entry)
        entry, part, seen = Entry(), "", False

    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line:
            close()
        elif line.startswith("#"):
            if part.startswith("msgstr"):
                close()
            entry.fuzzy |= line.startswith("#,") and "fuzzy" in line
        else:
            word, _, rest = line.partition(" ") if not line.startswith('"') else (part, "", line)
            if word in ("msgctxt", "msgid") and part.startswith("msgstr"):
                close()
            if not line.startswith('"'):
                part = word
            seen |= part == "msgid"
            _append(entry, part, _literal(rest, number), number)
    close()
    return entries


def _literal(text: str, number: int) -> str:
    try:
        value = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError):
        raise CatalogueError(f"line {number}: not a quoted string") from None
    return str(value)


def _append(entry: Entry, part: str, value: str, number: int) -> None:
    if part == "msgctxt":
        entry.context = (entry.context or "") + value
    elif part == "msgid":
        entry.id += value
    elif part == "msgid_plural":
        entry.plural = (entry.plural or "") + value
    elif part == "msgstr":
        entry.texts[0] = entry.texts.get(0, "") + value
    elif part.startswith("msgstr[") and part.endswith("]") and part[7:-1].isdigit():
        index = int(part[7:-1])
        entry.texts[index] = entry.texts.get(index, "") + value
    else:
        raise CatalogueError(f"line {number}: unknown word {part!r}")


def compile_catalogue(text: str) -> bytes:
    """The `.mo` with every finished translation, sorted by key, without a hash table (readers search by halves)."""
    rows = {e.key.encode(): e.value.encode() for e in read_catalogue(text) if e.translated}
    keys = sorted(rows)
    ids = b"".join(key + b"\0" for key in keys)
    start = 7 * 4 + 16 * len(keys)
    originals, translations = [], []
    id_at, text_at = start, start + len(ids)
    for key in keys:
        originals += [len(key), id_at]
        id_at += len(key) + 1
        translations += [len(rows[key]), text_at]
        text_at += len(rows[key]) + 1
    table_at = 7 * 4
    head = struct.pack("<7I", 0x950412DE, 0, len(keys), table_at, table_at + 8 * len(keys), 0, 0)
    tables = struct.pack(f"<{len(keys) * 4}I", *originals, *translations)
    return head + tables + ids + b"".join(rows[key] + b"\0" for key in keys)
