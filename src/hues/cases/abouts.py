"""What may be done about a number on a page: templates of other rooms, shown beside it without this room knowing them.

    abouts.register("orders", "orders/give_link.html")     # in the other room's apps.py

A page says `{% load about %}{% about "number" "late:CVX" name words count %}`; the templates get kind, ref, label, url and agency.
"""

from hues.kernel.registry import Registry

_TEMPLATES: Registry[str] = Registry("what may be done about a number")


def register(name: str, template: str) -> None:
    _TEMPLATES.add(name, template)


def templates() -> list[str]:
    return [template for _name, template in _TEMPLATES.items()]
