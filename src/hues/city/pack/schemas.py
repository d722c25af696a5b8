"""What the files of a city pack must look like: JSON Schema 2020-12, one for each file. Everything that is not named is refused."""

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}
TEXTS: Schema = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": TEXT,
    "propertyNames": {"pattern": "^[a-z]{2}$"},
}
TEXT_LISTS: Schema = {**TEXTS, "additionalProperties": {"type": "array", "items": TEXT}}
CODE: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$"}
LAYER_CODE: Schema = {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,11}$"}
TIME: Schema = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
NUMBERS: Schema = {"type": "array", "items": {"type": "string", "pattern": "^[0-9+]{3,15}$"}}
DURATION: Schema = {
    "type": "string",
    "pattern": "^[0-9]+(\\.[0-9]+)? (working )?(minutes?|hours?|days?)$",
    "description": "such as '5 working days', '8 working hours', '30 minutes'",
}


def _object(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: Schema, least: int = 0) -> Schema:
    return {"type": "array", "items": items, "minItems": least}


CHOICES = _list(_object({"code": CODE, "names": TEXTS}, {"texts": TEXTS}), 1)
POINT = _object({"lat": {"type": "number"}, "lon": {"type": "number"}})

_COUNT: Schema = {"type": "integer", "minimum": 1}
# The hotline's desk: how calls are wrapped up, when somebody is called back, what is kept and for how long.
CALL_DESK = _object(
    {
        "wrap_up": _list(
            _object(
                {"code": CODE, "key": {"type": "string", "pattern": "^[1-9]$"}, "names": TEXTS},
                {"texts": TEXTS, "needs_case": {"type": "boolean"}, "promises": {"type": "boolean"}},
            ),
            1,
        )
    },
    {
        "answer_within_s": _COUNT,
        "early_s": _COUNT,
        "repeat_days": _COUNT,
        "ring_limit_minutes": _COUNT,
        "talk_limit_minutes": _COUNT,
        "callback": _object({}, {"within_minutes": _COUNT, "again_minutes": _COUNT, "tries": _COUNT}),
        "surge": _object({}, {"waiting": _COUNT, "longest_s": _COUNT}),
        "keep": _object({}, {"recording_days": _COUNT, "number_days": _COUNT}),
        "announcement": TEXTS,
        "overflow": TEXTS,
    },
)

CITY = _object(
    {
        "names": TEXTS,
        "short_names": TEXTS,
        "app_names": TEXTS,
        "zone": TEXT,
        "languages": _list({"type": "string", "pattern": "^[a-z]{2}$"}, 1),
        "bounds": _object({side: {"type": "number"} for side in ("west", "south", "east", "north")}),
        "center": POINT,
        "zoom": {"type": "number"},
        "hours": _object(
            {
                "days": _list({"enum": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}, 1),
                "periods": _list({"type": "array", "items": TIME, "minItems": 2, "maxItems": 2}, 1),
            }
        ),
        "code_prefix": {"type": "string", "pattern": "^[A-Z]{1,4}$"},
        "phone_region": {"type": "string", "pattern": "^[A-Z]{2}$"},
        "hotline": {"type": "string"},
        "emergency_numbers": _list(_object({"number": TEXT, "names": TEXTS, "texts": TEXTS}), 1),
        "danger": _list(
            _object({"code": CODE, "numbers": NUMBERS, "names": TEXTS, "phrases": TEXT_LISTS}, {"unless": TEXT_LISTS})
        ),
        "address_words": {"type": "object", "additionalProperties": _list(TEXT, 1)},
        "address_forms": _object(
            {"lane": _list(TEXT), "street": _list(TEXT), "near": _list(TEXT), "number": _list(TEXT)}
        ),
        "unit_kinds": {
            "type": "object",
            "additionalProperties": _object({"names": TEXTS, "full": TEXTS}, {"typed": _list(TEXT)}),
        },
        "place_kinds": {"type": "object", "additionalProperties": TEXTS},
        "rejection_reasons": CHOICES,
        "redirect_targets": CHOICES,
        "rating_reasons": CHOICES,
        "outcomes": CHOICES,
        "texts": {"type": "object", "additionalProperties": TEXTS},
    },
    {
        # What to do when it happens, readable without a network: one sentence a step.
        "advice": _list(_object({"code": CODE, "icon": TEXT, "names": TEXTS, "steps": TEXT_LISTS})),
        "night": _object({"from": TIME, "to": TIME, "groups": _list(TEXT), "texts": TEXTS}),
        "check_back": _object(
            {
                "days": {"type": "integer", "minimum": 1},
                "outcomes": _list(TEXT, 1),
                "recurrence_days": {"type": "integer", "minimum": 1},
                "surface_at": {"type": "integer", "minimum": 2},
            },
            {"paused": {"type": "boolean"}},
        ),
        # Agencies (codes or kinds) whose head reads every answer before the centre does.
        "answers_through_head": _list(CODE),
        "digest_at": TIME,
        "visitors": _object({"category": CODE, "texts": TEXTS}),
        "conduct": _object(
            {"abuse_reasons": _list(TEXT, 1), "signal_from": {"type": "integer", "minimum": 2}},
            {
                "limited_reports_a_day": {"type": "integer", "minimum": 1},
                "longest_limit": {"type": "integer", "minimum": 1, "maximum": 365},
                "longest_lock": {"type": "integer", "minimum": 1, "maximum": 365},
                "appeal_days": {"type": "integer", "minimum": 1},
                "rules": TEXT_LISTS,
                "source": TEXTS,
            },
        ),
        "call_desk": CALL_DESK,
        "jurisdiction": TEXT,
        "security_contact": TEXT,
        "former_points": _object({"package": TEXT, "file": TEXT, "province": TEXT}),
        "attribution": TEXTS,
        "open_data": _object(
            {"publisher": TEXTS},
            {"licence": _object({"names": TEXTS, "url": TEXT}), "contact": TEXT, "texts": TEXTS},
        ),
    },
)

UNITS = _object(
    {"code": CODE, "kind": CODE, "name": TEXT, "lat": {"type": "number"}, "lon": {"type": "number"}},
    {
        "area_km2": {"type": "number", "exclusiveMinimum": 0},
        "population": {"type": "integer", "minimum": 1},
        **{side: {"type": "number"} for side in ("west", "south", "east", "north")},
        "valid_from": {"type": "string", "format": "date"},
        "aliases": {"type": "string"},
        "anchors": {"type": "string"},
    },
)
FORMER_UNITS = _object(
    {"code": CODE, "kind": CODE, "name": TEXT, "successors": TEXT, "valid_to": {"type": "string", "format": "date"}},
    {"within": TEXT, "lat": {"type": "number"}, "lon": {"type": "number"}, "aliases": {"type": "string"}},
)
PLACES = _object(
    {"kind": CODE, "name": TEXT, "lat": {"type": "number"}, "lon": {"type": "number"}},
    {"name_en": TEXT, "unit": CODE, "also": TEXT},
)

AGENCIES = _object(
    {
        "agencies": _list(
            _object(
                {"code": CODE, "names": TEXTS},
                {
                    "kind": CODE,
                    "parent": CODE,
                    "phone": {"type": "string"},
                    "also": _list(TEXT),
                    "centre": {"type": "boolean"},
                    "chair": {"type": "boolean"},
                },
            ),
            1,
        )
    },
    {"each_unit": _list(_object({"kind": CODE, "names": TEXTS, "parent": CODE}))},
)

QUESTION = _object(
    {
        "code": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,31}$"},
        "type": {"enum": ["text", "number", "choice", "multichoice", "yesno", "datetime", "phone"]},
        "labels": TEXTS,
    },
    {
        "hints": TEXTS,
        "required": {"type": "boolean"},
        "private": {"type": "boolean"},
        "options": _list(_object({"value": CODE, "labels": TEXTS}), 2),
        "min": {"type": "number"},
        "max": {"type": "number"},
        "max_length": {"type": "integer", "minimum": 1, "maximum": 2000},
    },
)
# "@owner": whoever owns what the place lies on (`on`), or the thing that was named.
ROUTE = _object(
    {"agency": {"type": "string", "pattern": "^(@owner|[A-Za-z0-9_.-]{1,64})$"}},
    {
        "when": _object(
            {},
            {
                "on": _list(LAYER_CODE, 1),
                "address": _list(TEXT, 1),
                "unit_kind": _list(CODE, 1),
                "unit": _list(CODE, 1),
                "hours": {"type": "array", "items": TIME, "minItems": 2, "maxItems": 2},
            },
        ),
        "because": TEXTS,  # said to the desk: "because: …"
    },
)
LAYERS = _object(
    {
        "layers": _list(
            _object(
                {
                    "code": LAYER_CODE,
                    "names": TEXTS,
                    "one": TEXTS,
                    "icon": TEXT,
                    "geometry": {"enum": ["point", "line", "area"]},
                    "owner": _list(ROUTE),
                },
                {
                    "because": TEXTS,
                    "ground": {"type": "boolean"},
                    "public": {"type": "boolean"},
                    "categories": _list(CODE),
                    "attributes": _list(
                        _object(
                            {"code": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,31}$"}, "labels": TEXTS},
                            {"type": {"enum": ["text", "number", "date", "yesno"]}, "public": {"type": "boolean"}},
                        )
                    ),
                    "reach_m": {"type": "number", "minimum": 0, "maximum": 500},
                    "offer_m": {"type": "number", "minimum": 0, "maximum": 500},
                },
            )
        )
    }
)
CATEGORY = _object(
    {
        "code": CODE,
        "domain": CODE,
        "names": TEXTS,
        "group": {"enum": ["immediate", "timed", "command"]},
        "priority": {"type": "integer", "minimum": 1, "maximum": 4},
        "triage": DURATION,
        "target": DURATION,
        "visibility": {"enum": ["public", "masked", "restricted"]},
        "routing": _list(ROUTE, 1),
        "icon": TEXT,
        "keywords": TEXT_LISTS,
    },
    {
        "process": CODE,
        "first_target": DURATION,
        "supporting": _list(CODE),
        "questions": _list(QUESTION),
        "evidence": _object(
            {},
            {
                "photos_required": {"type": "boolean"},
                "closing_photos": {"type": "integer", "minimum": 0},
                "place_optional": {"type": "boolean"},  # what happens online or in an office
            },
        ),
        "emergency_numbers": NUMBERS,
        "duplicates": _object(
            {"metres": {"type": "integer", "minimum": 0}, "days": {"type": "number", "exclusiveMinimum": 0}}
        ),
    },
)
CATEGORIES = _object(
    {"domains": {"type": "object", "minProperties": 1, "additionalProperties": TEXTS}, "categories": _list(CATEGORY, 1)}
)
CALENDAR = _object(
    {
        "days": _list(
            _object({"date": {"type": "string", "format": "date"}, "names": TEXTS}, {"working": {"type": "boolean"}})
        )
    }
)
