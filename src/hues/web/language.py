"""Which language a page is in: what was chosen here, else what the browser asks for, else the city's own."""

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

ABROAD = "en"  # for a reader of neither language: whoever reads Korean or French rather reads English than Vietnamese


class ReadersLanguage(LocaleMiddleware):
    """Django's own, except for browsers that ask only for languages we do not have: those get English, not the city's language."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if not _chosen(request) and _from_abroad(request.headers.get("accept-language", "")):
            translation.activate(ABROAD)
            request.LANGUAGE_CODE = ABROAD


def _chosen(request: HttpRequest) -> bool:
    return _is_ours(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""))


def _from_abroad(asked: str) -> bool:
    """Whether languages are asked for, and none of them is one of ours. "*" asks for nothing: it is what programs send."""
    named = [name for name, _weight in parse_accept_lang_header(asked.lower()) if name != "*"]
    return bool(named) and ABROAD in dict(settings.LANGUAGES) and not any(map(_is_ours, named))


def _is_ours(name: str) -> bool:
    try:
        translation.get_supported_language_variant(name)
    except LookupError:
        return False
    return True
