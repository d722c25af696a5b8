"""Telephone numbers as people type them, and as the system keeps them (E.164)."""

import phonenumbers
from django.utils.translation import gettext as _
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from hues.kernel.errors import Invalid

# Numbers that receive text messages. In the North American plan mobile and fixed cannot be told apart.
TEXT_TYPES = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
LONGEST = 32


def normalise(typed: str, region: str) -> str:
    """ "0905 123 456", "84905123456", "+84 (0) 905.123.456" → "+84905123456".

    Raises Invalid for what is no mobile number. `region` (ISO 3166, from the city pack) is where a number without a
    country code belongs.
    """
    number = _parse(typed, region)
    if number is None or not phonenumbers.is_valid_number(number):
        raise Invalid(_("Please check the number."), fields={"phone": _("This is not a complete mobile number.")})
    if phonenumbers.number_type(number) not in TEXT_TYPES:
        raise Invalid(
            _("Please check the number."),
            fields={"phone": _("This number cannot receive text messages. Use a mobile number.")},
        )
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _parse(typed: str, region: str) -> phonenumbers.PhoneNumber | None:
    if not typed or len(typed) > LONGEST or "\x00" in typed:
        return None
    country_code = str(phonenumbers.country_code_for_region(region))
    digits = typed.strip().lstrip("(").strip()
    candidates = [typed]
    if digits.startswith(country_code):  # the country code without its plus, as address books export it
        candidates.append("+" + digits)
    for candidate in candidates:
        try:
            number = phonenumbers.parse(candidate, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number) and not number.extension:
            return number
    return None


def country(phone: str) -> int:
    """The country calling code of an E.164 number."""
    return phonenumbers.parse(phone).country_code or 0


def is_domestic(phone: str, region: str) -> bool:
    return country(phone) == phonenumbers.country_code_for_region(region)


def masked(phone: str) -> str:
    """Enough for its owner to recognise it: "••• 456"."""
    return f"••• {phone[-3:]}"


def shown(phone: str) -> str:
    return phonenumbers.format_number(phonenumbers.parse(phone), PhoneNumberFormat.INTERNATIONAL)
