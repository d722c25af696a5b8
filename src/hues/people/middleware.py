"""`request.actor`. (Filled by the people room.)"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from hues.kernel.actors import GUEST


class ActorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = GUEST  # type: ignore[attr-defined]
        return self.get_response(request)
