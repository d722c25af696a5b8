"""`{% push_ask %}`: offers notices on this device, where it makes sense: after a report was sent, in the settings."""

from typing import Any

from django import template

from hues.notifications import channels
from hues.notifications.push import vapid
from hues.notifications.wishes import PUSH

register = template.Library()


@register.inclusion_tag("notifications/push_ask.html", takes_context=True)
def push_ask(context: template.Context, quiet: bool = False) -> dict[str, Any]:
    """Shown by push.js only where the browser can and was not asked yet. Never asks by itself.

    `quiet` shows nothing, and only renews the subscription of a browser that was allowed before.
    """
    actor = getattr(context.get("request"), "actor", None)
    offered = actor is not None and actor.id is not None and PUSH in channels.in_use()
    return {"key": vapid.public_key() if offered else "", "quiet": quiet, "csrf_token": context.get("csrf_token")}
