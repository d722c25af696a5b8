"""Where, and who is in charge: units with validity, agencies, categories, the calendar, places."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from hues.kernel.ids import new_id


class Named(models.Model):
    """A thing with a name in each of the city's languages: {"vi": "…", "en": "…"}."""

    names = models.JSONField()
    folded = models.TextField(default="", blank=True)  # vn_fold of all names and keywords, for search
    sort_key = models.TextField(default="", blank=True)  # Vietnamese order

    class Meta:
        abstract = True

    def name(self, language: str = "vi") -> str:
        """The name in `language`, or in whichever language there is."""
        return self.names.get(language) or next(iter(self.names.values()), "")


class Unit(Named):
    """An administrative unit (phường, xã; a ward elsewhere). Ended units stay, with their successors."""

    code = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=16)  # phuong, xa, … as the pack names them
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    lat = models.FloatField()  # a point inside
    lon = models.FloatField()
    area_km2 = models.FloatField(null=True)
    population = models.IntegerField(null=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)  # exclusive
    box = models.JSONField(null=True)  # [west, south, east, north], where the pack or a former unit's source knows it
    anchors = models.JSONField(
        default=list
    )  # further points inside, [[lat, lon], …]: for the approximate unit of a point
    boundary = models.JSONField(null=True)  # GeoJSON geometry, where boundaries were imported
    successors = models.ManyToManyField("self", symmetrical=False, related_name="predecessors")


class UnitAlias(models.Model):
    """Another or a former name under which people still look for a unit."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="aliases")
    name = models.TextField()
    folded = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "folded"], name="alias_once")]
        indexes = [models.Index(fields=["folded"], name="alias_folded")]


class Agency(Named):
    """Who handles. `kind` is the body's abbreviation in routing rules (UBX, HEP, CVX, …); ward bodies have a unit."""

    code = models.CharField(max_length=32, unique=True)  # "HEP", "UBX-19789"
    kind = models.CharField(max_length=16)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="agencies")
    phone = models.CharField(max_length=32, default="", blank=True)  # public switchboard
    is_centre = models.BooleanField(default=False)  # the operations centre itself
    is_chair = models.BooleanField(default=False)  # the chairman's office: the top of the ladder
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta(Named.Meta):
        abstract = False
        indexes = [models.Index(fields=["kind", "unit"], name="agency_kind")]


class Category(Named):
    """What a case can be about. All rules are data from the city pack; DOMAIN §13(b)."""

    class Group(models.TextChoices):
        IMMEDIATE = "immediate"
        TIMED = "timed"
        COMMAND = "command"

    class Visibility(models.TextChoices):
        PUBLIC = "public"
        MASKED = "masked"
        RESTRICTED = "restricted"

    code = models.CharField(max_length=64, unique=True)
    domain = models.CharField(max_length=64)  # the family: GT, DT, …
    domain_names = models.JSONField(default=dict)
    process_group = models.CharField(max_length=16, choices=Group.choices)
    process = models.CharField(max_length=32)  # code of the process definition
    priority = models.SmallIntegerField()
    visibility = models.CharField(max_length=16, choices=Visibility.choices)
    triage = models.JSONField()  # {"working_minutes": 480} | {"minutes": 10}
    target = models.JSONField()  # {"working_days": 5} | {"working_minutes": n} | {"minutes": 60}
    first_target = models.JSONField(null=True)  # make safe first, where asked
    routing = models.JSONField()  # [{"when": {…}, "agency": "UBX"}, …, {"agency": "SXD"}]: first match wins
    supporting = models.JSONField(default=list)  # kinds of agencies that help
    questions = models.JSONField(default=list)  # extra questions, see hues.city.questions
    evidence = models.JSONField(default=dict)  # {"photos_required": bool, "closing_photos": 1}
    keywords = models.JSONField(default=dict)  # {"vi": ["ổ gà", …], "en": […]}
    emergency_numbers = models.JSONField(default=list)  # ["113", "115"] shown first
    duplicate_radius_m = models.IntegerField(default=30)
    duplicate_days = models.FloatField(default=14)
    icon = models.CharField(max_length=32, default="", blank=True)  # of the design system's icon set
    position = models.IntegerField(default=0)
    active = models.BooleanField(default=True)


class CalendarDay(models.Model):
    """A day that is not as its weekday says: a holiday (Tết), or a working Saturday that makes up for one."""

    date = models.DateField(primary_key=True)
    working = models.BooleanField()
    names = models.JSONField(default=dict)


class Place(Named):
    """A street or landmark, for addresses that people type."""

    kind = models.CharField(max_length=16)  # street, landmark, market, school, …
    lat = models.FloatField()
    lon = models.FloatField()
    unit = models.ForeignKey(Unit, null=True, on_delete=models.SET_NULL)
    words = ArrayField(models.TextField(), default=list)

    class Meta(Named.Meta):
        abstract = False
        indexes = [models.Index(fields=["folded"], name="place_folded")]


class PackLoad(models.Model):
    """Which city pack is in the database, by content hash: loading again does nothing unless the pack changed."""

    city = models.CharField(max_length=32, primary_key=True)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())
    stamp = models.UUIDField(default=new_id)  # new with every change of the city's data: see hues.city.memory
    settings = models.JSONField(default=dict)  # city.yaml: names, zone, bounds, working hours, emergency numbers, texts
