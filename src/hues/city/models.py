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


class AssetLayer(Named):
    """A kind of thing that the city keeps (lamps, drains), or a layer of whose ground it is (roads, zones). From the pack's layers.yaml."""

    class Geometry(models.TextChoices):
        POINT = "point"
        LINE = "line"
        AREA = "area"

    code = models.CharField(max_length=12, unique=True)
    one = models.JSONField()  # names of a single one: {"vi": "Cột đèn", "en": "Lamp"}
    because = models.JSONField(default=dict)  # why a case goes to its owner: {"vi": "đường do thành phố quản lý", …}
    icon = models.CharField(max_length=32)
    geometry = models.CharField(max_length=8, choices=Geometry.choices)
    ground = models.BooleanField(default=False)  # says whose the ground is, not where a thing stands
    public = models.BooleanField(default=False)  # everybody may read it: API, open data
    owner = models.JSONField(default=list)  # routing rules for assets whose owner the file does not say
    categories = ArrayField(models.CharField(max_length=64), default=list)  # what is reported about it
    attributes = models.JSONField(default=list)  # [{"code", "type", "labels", "public"}]
    reach_m = models.FloatField()  # a report so near is on it
    offer_m = models.FloatField()  # … and so near it is offered to whoever files
    position = models.IntegerField(default=0)
    active = models.BooleanField(default=True)
    assets = models.IntegerField(default=0)  # how many are in force; a layer without any costs no statement


class Asset(models.Model):
    """One thing or one piece of ground. Gone ones are ended, never deleted: cases name them.

    The column `place` (a box, with a GiST index) and the column `search` are made by the migration.
    """

    layer = models.ForeignKey(AssetLayer, on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.CharField(max_length=27)  # what is written on it; unique in its layer
    name = models.TextField(default="", blank=True)
    street = models.TextField(default="", blank=True)
    folded = models.TextField(default="", blank=True)
    owner = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    lat = models.FloatField()  # of a line or an area a point on it
    lon = models.FloatField()
    geometry = models.JSONField(null=True)  # GeoJSON of lines and areas; a point is its lat and lon
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    attributes = models.JSONField(default=dict)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)  # exclusive
    is_sample = models.BooleanField(default=False)
    digest = models.CharField(max_length=32)  # of what the file says of it: importing the same again changes nothing
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["layer", "code"], name="asset_once")]
        indexes = [
            models.Index(fields=["code", "id"], name="asset_code"),
            models.Index(fields=["layer", "id"], name="asset_layer"),
        ]


class AssetImport(models.Model):
    """A file of assets that somebody tried: what it would change, and whether it was taken over. The content goes when it was, or after a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    layer = models.ForeignKey(AssetLayer, on_delete=models.CASCADE, related_name="+")
    by = models.UUIDField()
    at = models.DateTimeField()
    file = models.TextField()  # its name
    complete = models.BooleanField(default=False)  # what it does not name is ended
    content = models.BinaryField(null=True)  # compressed
    outcome = models.JSONField()
    done_at = models.DateTimeField(null=True)


class PackLoad(models.Model):
    """Which city pack is in the database, by content hash: loading again does nothing unless the pack changed."""

    city = models.CharField(max_length=32, primary_key=True)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())
    stamp = models.UUIDField(default=new_id)  # new with every change of the city's data: see hues.city.memory
    settings = models.JSONField(default=dict)  # city.yaml: names, zone, bounds, working hours, emergency numbers, texts
