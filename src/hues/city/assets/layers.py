"""The layers in memory."""

from django.utils.translation import gettext as _

from hues.city.memory import remembered
from hues.city.models import AssetLayer
from hues.kernel.errors import NotFound


@remembered
def _layers() -> dict[str, AssetLayer]:
    return {layer.code: layer for layer in AssetLayer.objects.filter(active=True).order_by("position", "code")}


@remembered
def _by_id() -> dict[int, AssetLayer]:
    return {layer.pk: layer for layer in _layers().values()}


def layers() -> list[AssetLayer]:
    """Every layer of the pack, in its order. Shared: never change one."""
    return list(_layers().values())


def filled() -> list[AssetLayer]:
    """The layers that hold anything."""
    return [layer for layer in _layers().values() if layer.assets]


def layer(code: str) -> AssetLayer:
    """A layer by code. Raises NotFound."""
    try:
        return _layers()[code]
    except (KeyError, TypeError):
        raise NotFound(_("There is no such layer.")) from None


def layer_by_id(layer_id: int) -> AssetLayer:
    """Raises KeyError for a layer that is no longer in the pack."""
    return _by_id()[layer_id]


def fitting(category: str) -> list[AssetLayer]:
    """The layers of things that reports of this category are about, as far as they hold anything."""
    return [layer for layer in filled() if category in layer.categories]
