"""Named errors. Raised once, shown to the person who can mend them, in their language (hues.kernel.http renders
them)."""

from collections.abc import Mapping


class Problem(Exception):
    """An error with an RFC 9457 answer. `detail` is already translated (gettext at the place of raising)."""

    status = 400
    code = "bad-request"

    def __init__(self, detail: str = "", *, fields: Mapping[str, str] | None = None, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = dict(fields or {})  # field name → what to mend
        if code:
            self.code = code


class Invalid(Problem):
    status, code = 422, "invalid"


class NotFound(Problem):
    """Also for what exists but is not for this viewer: 404 before 403."""

    status, code = 404, "not-found"


class Forbidden(Problem):
    """Only where the viewer may already see the thing but not do this with it."""

    status, code = 403, "forbidden"


class SignInNeeded(Problem):
    status, code = 401, "sign-in-needed"


class Conflict(Problem):
    """Somebody else was first, or the thing is in another state by now. The detail says which."""

    status, code = 409, "conflict"


class TooMany(Problem):
    status, code = 429, "too-many-requests"

    def __init__(self, detail: str = "", *, retry_after: int = 60) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class TooLarge(Problem):
    status, code = 413, "too-large"


class UnsupportedMedia(Problem):
    status, code = 415, "unsupported-media"
