"""A report's text with what matters in it marked: the words that speak for the suggested category, and what is not for everyone."""

import unicodedata
from collections.abc import Iterable, Iterator

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from hues.kernel.text import vn_fold

Span = tuple[int, int, str]


def marked(text: str, words: Iterable[str], private: Iterable[str] = ()) -> SafeString:
    """Safe HTML: line breaks kept, `<mark>` around words, `<mark class="private">` around private pieces. Whole words only."""
    text = unicodedata.normalize("NFC", text)
    spans: list[Span] = []
    for kind, pieces in (("private", private), ("", words)):
        for piece in pieces:
            _claim(spans, _found(text, piece, whole=kind == ""), kind)
    out: list[str] = []
    at = 0
    for start, end, kind in sorted(spans):
        shown = escape(text[start:end])
        out.append(escape(text[at:start]))
        out.append(f'<mark class="{kind}">{shown}</mark>' if kind else f"<mark>{shown}</mark>")
        at = end
    out.append(escape(text[at:]))
    return mark_safe("".join(out).replace("\n", "<br>"))  # noqa: S308  every piece is escaped


def _claim(spans: list[Span], found: Iterable[tuple[int, int]], kind: str) -> None:
    """Takes what no earlier mark has."""
    for start, end in found:
        if all(end <= first or start >= last for first, last, _kind in spans):
            spans.append((start, end, kind))


def _found(text: str, piece: str, *, whole: bool) -> Iterator[tuple[int, int]]:
    """Where a piece stands, letter for letter; for words also without regard to case."""
    wanted = unicodedata.normalize("NFC", piece).strip().lower()
    lower = text.lower()
    if not wanted or len(lower) != len(text):
        return
    at = lower.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if not whole or not (_letter(text, at - 1) or _letter(text, end)):
            yield at, end
        at = lower.find(wanted, end)


def _letter(text: str, at: int) -> bool:
    return 0 <= at < len(text) and text[at].isalnum()


def folded(*parts: str) -> str:
    """What a picker looks in."""
    return vn_fold(" ".join(parts))
