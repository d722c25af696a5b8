"""The project's own JSON API, put together from the rooms' routers: OpenAPI 3.1 at /api/v1/openapi.json.

Every error is a problem document (RFC 9457) in the reader's language; the description says so once for all doors.
"""

from typing import Any

import orjson
from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from hues import __version__
from hues.assist.api import router as assist_router
from hues.assist.duplicates.api import router as duplicates_router
from hues.cases.api import desk_router, mine_router, public_router
from hues.city.api import router as city_router
from hues.hotline.api import router as telephony_router
from hues.insights.api import router as numbers_router
from hues.kernel.http import ninja as problems
from hues.kernel.http import read_json
from hues.notifications.api import router as notices_router
from hues.reports.api import router as reports_router
from hues.web.api import router as web_router

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "What to mend, by field",
        },
    },
}


class StrictParser(Parser):
    """JSON as RFC 8259 has it: no NaN, no nesting without end."""

    def parse_body(self, request: HttpRequest) -> Any:
        return read_json(request)


class Renderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ARG002 - ninja's form
        return orjson.dumps(data)


class Api(NinjaAPI):
    def get_openapi_schema(self, **arguments: Any) -> Any:
        """ninja's description, with what every operation may answer besides."""
        schema = super().get_openapi_schema(**arguments)
        schema["components"].setdefault("schemas", {})["Problem"] = PROBLEM
        refusal = {
            "description": "A problem, in the reader's language",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["responses"] |= {"4XX": refusal, "503": refusal}
        return schema


api = Api(
    title="Hue-S",
    version=__version__,
    description="Reports and their way through the city. docs/integrators.md is the guide; Open311 is at /open311.",
    openapi_url="/openapi.json",
    docs_url=None,  # its page would load scripts from elsewhere
    parser=StrictParser(),
    renderer=Renderer(),
    urls_namespace="api",
)
problems.install(api)
api.add_router("", city_router)
api.add_router("", public_router)
api.add_router("", reports_router)
api.add_router("", assist_router)
api.add_router("", duplicates_router)
api.add_router("", web_router)
api.add_router("", numbers_router)
api.add_router("", telephony_router)
api.add_router("/me", notices_router)
api.add_router("/me", mine_router)
api.add_router("/desk", desk_router)
