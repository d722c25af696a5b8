"""Vietnamese text: one folding for search, identical in Python and SQL; sort keys; cleaning of what people type."""

import unicodedata


def _fold_table() -> tuple[str, str]:
    source: dict[str, str] = {"đ": "d"}
    for char in map(chr, range(0xC0, 0x1EFA)):
        base = unicodedata.normalize("NFD", char)
        if base != char and base[0].isascii() and base[0].isalpha() and len(char.lower()) == 1:
            source[char.lower()] = base[0].lower()
    ordered = sorted(source)
    return "".join(ordered), "".join(source[c] for c in ordered)


FOLD_FROM, FOLD_TO = _fold_table()
_FOLD = str.maketrans(FOLD_FROM, FOLD_TO)

# PostgreSQL's lower() on C.UTF-8 and Python's differ on a few characters outside Latin; tests/kernel compares them on all of Unicode.
VN_FOLD_SQL = f"""
create or replace function vn_fold(t text) returns text language sql immutable parallel safe strict
return translate(lower(normalize(t, NFC)), '{FOLD_FROM}', '{FOLD_TO}')
"""


def vn_fold(text: str) -> str:
    """Lower case, no diacritics, đ→d: "Hoà Đường" and "hòa đường" both give "hoa duong"."""
    return unicodedata.normalize("NFC", text).lower().translate(_FOLD)
