"""Photos for the sample city, drawn by us."""

from hues.cli.demo.photos.album import Album
from hues.cli.demo.photos.scenes import SCENES, draw

__all__ = ["SCENES", "Album", "draw"]
