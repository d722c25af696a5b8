"""Words that this room's templates need."""

from django import template

from hues.people import passkeys

register = template.Library()


@register.simple_tag
def passkey_host() -> str:
    """Under which name browsers may use passkeys here; elsewhere the buttons stay hidden."""
    return passkeys.relying_party()
