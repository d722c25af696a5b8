"""Plugins by name."""

import pytest

from hues.kernel.registry import Registry, UnknownPlugin


def test_plugins_are_found_by_name_and_a_wrong_name_says_which_there_are() -> None:
    shapes: Registry[object] = Registry("shape")

    @shapes.register("round")
    class Round:
        corners = 0

    @shapes.register("count")
    def count() -> int:
        return 4

    assert isinstance(shapes.get("round"), Round)
    assert shapes.get("count") is count
    assert (list(shapes), len(shapes), "round" in shapes) == (["round", "count"], 2, True)
    with pytest.raises(UnknownPlugin, match="no shape 'square'; known: count, round"):
        shapes.get("square")


def test_a_name_is_given_once() -> None:
    shapes: Registry[object] = Registry("shape")
    shapes.register("round")(type("Round", (), {}))
    with pytest.raises(ValueError, match="registered twice"):
        shapes.register("round")(type("Other", (), {}))
