"""A slot on the desk's case page: what other rooms know about a case, shown beside it without this room knowing them.

    panels.register("suggestion", 10, render)     # in the other room's apps.py

They are one fragment that is fetched once the page stands (`/desk/cases/<code>/panels`), so that the page itself stays fast.
"""

import logging
from collections.abc import Callable

from django.http import HttpRequest

from hues.cases.models import Case
from hues.kernel.registry import Registry

Render = Callable[[HttpRequest, Case], str | None]

log = logging.getLogger("hues.cases.panels")

_PANELS: Registry[tuple[int, Render]] = Registry("panel of the case page")


def register(name: str, order: int, render: Render) -> None:
    """`render` gives safe HTML (a `<section class="card">`), or None where it has nothing to say. The lowest order comes first. The case is
    one that the viewer may see, as they may see it."""
    _PANELS.add(name, (order, render))


def rendered(request: HttpRequest, case: Case) -> list[str]:
    """The panels of a case. One that fails is left out: nobody's work waits for a suggestion."""
    found = []
    for name, (_order, render) in sorted(_PANELS.items(), key=lambda panel: panel[1][0]):
        try:
            html = render(request, case)
        except Exception:
            log.exception("panel %s of %s failed", name, case.code)
            continue
        if html:
            found.append(html)
    return found
