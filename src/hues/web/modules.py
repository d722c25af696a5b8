"""What a JavaScript module imports, so that a page can ask for all of it at once: on a slow network every level of imports
costs a journey of its own.
"""

import posixpath
import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

_IMPORT = re.compile(r"""^import\b[^"']*["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)


def imports_of(name: str) -> tuple[str, ...]:
    """The static names of everything that a module imports, directly or not, each once, without itself."""
    return _read(name) if settings.STATIC_LIVE else _kept(name)


def _read(name: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    todo = [name]
    while todo:
        here = todo.pop(0)
        path = finders.find(here)
        if not path:
            continue
        for target in _IMPORT.findall(Path(str(path)).read_text(encoding="utf-8")):
            other = posixpath.normpath(posixpath.join(posixpath.dirname(here), target))
            if other != name and other not in found:
                found[other] = None
                todo.append(other)
    return tuple(found)


_kept = lru_cache(maxsize=128)(_read)
