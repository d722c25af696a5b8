from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WallRoom(AppConfig):
    name = "hues.wall"
    label = "wall"

    def ready(self) -> None:
        from hues.kernel import workplaces
        from hues.wall.access import sees

        workplaces.add("wall", 80, label=_("Wall"), icon="layers", url="/wall", shown=sees)
