"""Following: a case, a place, an area, a kind of matter. Who follows hears what becomes public, and nothing else.

actions   what people follow, and how often they want to hear
news      the journal's follower: an entry becomes news, the news find those who follow
digest    the news of a day in one notice
queries   what somebody follows, and the latest news of it
"""

from hues.kernel import geo

RADII = (200, 500, 1000)  # metres
MOST = 50  # follows of a person
CELL = 8  # H3: about 0.9 km from middle to middle
RINGS = 2  # of cells around a point that hold every circle of at most a kilometre that the point may lie in


def cell_of(lat: float, lon: float) -> str:
    return geo.cell(lat, lon, CELL)


def cells_around(lat: float, lon: float) -> list[str]:
    """The cells where circles may have their middle that hold this point."""
    return geo.cells_near(lat, lon, RINGS, CELL)
