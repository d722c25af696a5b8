"""Numbers as people type them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hues.kernel.errors import Invalid
from hues.people import phones

MOBILE = st.builds(
    lambda prefix, rest: f"{prefix}{rest:07d}",
    st.sampled_from(
        ["90", "91", "93", "96", "97", "98", "32", "33", "38", "70", "77", "79", "81", "85", "88", "56", "58"]
    ),
    st.integers(0, 9_999_999),
)
SEPARATOR = st.sampled_from(["", " ", ".", "-", "  "])


@pytest.mark.parametrize(
    "typed",
    ["0905123456", "0905 123 456", "0905.123.456", "+84905123456", "84905123456", "84 905 123 456", "(+84) 905 123 456", "+84 (0)905 123 456",
     "００84 905123456".replace("００", "00")],
)  # fmt: skip
def test_every_way_to_write_a_number_is_the_same_number(typed: str) -> None:
    assert phones.normalise(typed, "VN") == "+84905123456"


@pytest.mark.parametrize("typed", ["", "   ", "112", "0905", "abc", "0905123456789012", "+", "\x00", "0905\x00123456", "+84 24 3", "9" * 500,
                                   "0905123456 ext 5", "٠"])  # fmt: skip
def test_what_is_no_number_is_refused_with_a_reason_at_the_field(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        phones.normalise(typed, "VN")
    assert refused.value.fields["phone"]


@pytest.mark.parametrize("typed", ["024 3825 3555", "1900 1075", "1800 1091"])
def test_a_number_that_gets_no_text_messages_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        phones.normalise(typed, "VN")


def test_a_visitor_keeps_the_number_from_home() -> None:
    assert phones.normalise("+81 90 1234 5678", "VN") == "+819012345678"
    assert not phones.is_domestic("+819012345678", "VN")


def test_the_same_digits_belong_to_another_country_in_another_city() -> None:
    assert phones.normalise("(617) 555-0123".replace("555-0123", "635-4500"), "US") == "+16176354500"


@given(national=MOBILE, separator=SEPARATOR, prefix=st.sampled_from(["0", "+84", "84", "+84 ", "0084"]))
def test_normalising_does_not_depend_on_how_it_is_written(national: str, separator: str, prefix: str) -> None:
    typed = prefix + separator.join([national[:2], national[2:5], national[5:]])
    once = phones.normalise(typed, "VN")
    assert once == f"+84{national}"
    assert phones.normalise(once, "VN") == once
    assert national[:6] not in phones.masked(once)


@given(st.text(max_size=60))
def test_nothing_that_can_be_typed_breaks_it(typed: str) -> None:
    with suppress(Invalid):
        assert phones.normalise(typed, "VN").startswith("+")
