"""An incident and all that belongs to it. Times are UTC; lists of units and categories are kept by id and code, as the pack knows them."""

from hues.command.models.incident import (
    HandOver,
    Incident,
    IncidentAgency,
    LogLine,
    Objective,
    Period,
    Sector,
)
from hues.command.models.papers import Bulletin, Review, ReviewPoint, Sitrep, SitrepVersion
from hues.command.models.work import Commitment, IncidentTask, LinkedCall, LinkedCase

__all__ = [
    "Bulletin",
    "Commitment",
    "HandOver",
    "Incident",
    "IncidentAgency",
    "IncidentTask",
    "LinkedCall",
    "LinkedCase",
    "LogLine",
    "Objective",
    "Period",
    "Review",
    "ReviewPoint",
    "Sector",
    "Sitrep",
    "SitrepVersion",
]
