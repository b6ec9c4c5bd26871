"""What holds for every answer: the content policy, and errors told in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from hutong.errors import HutongError

#: A page runs only the package's own files, asks no other host, and is framed by none.
CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
#: Keys are whole numbers of 64 bits.
LARGEST_KEY = 2**63 - 1
Handler = Callable[[HttpRequest], HttpResponse]


def content_policy(get_response: Handler) -> Handler:
    """Send the content policy with every answer, static files included."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
        return response

    return handle


#: Addresses of programs, which are told in their own form what they may not ask.
OF_PROGRAMS = ("/api/", "/open311/")


def readable(request: HttpRequest) -> bool:
    """Return whether an address holds only what a database takes as text: no zero character (no browser sends one)."""
    if "\x00" in request.path:
        return False
    asked = request.META.get("QUERY_STRING", "")
    return request.path.startswith(OF_PROGRAMS) or not ("%00" in asked or "\x00" in asked)


class plain_errors:  # noqa: N801 (a middleware reads as a function)
    """Show what a user can mend as a page with the sentence and what to do; unreadable addresses come no further."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, unless nobody could read it."""
        if not readable(request):
            from hutong.service.web.views import bad_request

            return bad_request(request)
        return self.get_response(request)

    def process_view(
        self, _request: HttpRequest, _view: object, _args: object, parts: dict[str, Any]
    ) -> None:
        """Raise ``Http404`` where an address names a number that no key can be: no database would take it."""
        if any(isinstance(part, int) and part > LARGEST_KEY for part in parts.values()):
            raise Http404

    def process_exception(self, request: HttpRequest, caught: Exception) -> HttpResponse | None:
        """Turn a ``HutongError`` that no view handled into a page."""
        if not isinstance(caught, HutongError):
            return None
        from hutong.service.web.views import told

        return told(request, caught)
