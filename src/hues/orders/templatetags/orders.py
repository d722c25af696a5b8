"""{% load orders %}: for the pages of other rooms."""

from django import template

from hues.kernel.actors import Actor
from hues.orders import giving

register = template.Library()


@register.filter
def gives_orders(actor: Actor | str | None) -> bool:
    """{% if request.actor|gives_orders %}: whether to show a link to giving one; not to nobody."""
    return isinstance(actor, Actor) and giving.may_give(actor)
