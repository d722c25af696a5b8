"""What the walls of the centre show, and the screens that show it without anybody signed in."""

from django.db import models

from hues.kernel.ids import new_id
from hues.people.models import User


class Layout(models.Model):
    """An arrangement of panes. A wall goes through all of them, each for its seconds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60)
    centre = models.CharField(max_length=16)  # name of a pane (hues.wall.panes), the large one
    left = models.JSONField(default=list)  # names of panes, top to bottom
    right = models.JSONField(default=list)
    seconds = models.IntegerField()  # how long before the next one comes
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], name="wall_layout_name"),
            models.CheckConstraint(condition=models.Q(seconds__gte=10, seconds__lte=3600), name="wall_layout_seconds"),
        ]


class Screen(models.Model):
    """A screen on a wall: whoever has its link sees the wall and nothing else, until it is ended. Only a hash of the link is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60)
    link_hash = models.CharField(max_length=64, unique=True)
    opened_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField()
    seen_on = models.DateField(null=True)  # the last day on which it asked
    ended_at = models.DateTimeField(null=True)
