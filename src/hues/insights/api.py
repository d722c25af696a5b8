"""The numbers for programs: the same figures as on the page, each share with its numerator and denominator."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from hues.insights import board, queries
from hues.insights.catalogue import indicators

router = Router(tags=["numbers"])


class NumbersIn(Schema):
    period: str = Field("12m", max_length=8, description="3m, 12m, a year, or all: when the reports were received")
    by: str = Field("unit", max_length=16, description="unit, category, agency, month or channel")
    unit: str = Field("", max_length=64)
    category: str = Field("", max_length=64)
    agency: str = Field("", max_length=64)


@router.get("/numbers", summary="The city's numbers", auth=None)
def numbers(request: HttpRequest, asked: Query[NumbersIn]) -> dict[str, Any]:
    """Of one area, kind or agency at a time; what each figure means is in /numbers/definitions."""
    wanted = board.read(asked.dict())
    return {
        "since": f"{wanted.scope.since:%Y-%m}",
        "until": f"{wanted.scope.until:%Y-%m}",
        "by": wanted.by,
        "figures": queries.whole(wanted.scope).figures(),
        "rows": [{"code": line.code, "name": line.name, "figures": line.figures} for line in board.lines(wanted)],
    }


@router.get("/numbers/definitions", summary="The catalogue of indicators", auth=None)
def definitions(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "kind": one.kind,
            "name": one.name,
            "meaning": one.definition,
            "formula": one.formula,
            "better": one.better,
            "target": one.target,
            "source": one.source,
            "owner": one.owner,
            "refresh": one.refresh,
        }
        for one in indicators()
    ]
