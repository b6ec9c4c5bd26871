"""The one API: the routes of all apps put together, who asks, and what goes wrong said in both languages."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.renderers import JSONRenderer
from ninja.security import HttpBearer

from hutong.errors import HutongError
from hutong.service.api import selectors, services
from hutong.service.web.rest import problem
from hutong.service.web.stage import stages
from hutong.text import Text

PREFIX = "v1/"
#: What a code of an error means to a program, where it is not that the request is wrong (400).
STATUS = {"ledger-range": 404}
READS = ("GET", "HEAD", "OPTIONS")

BAD_TOKEN = HutongError(
    "bad-token",
    Text("没有令牌，或令牌无效、已过期、已收回。", "There is no token, or it is wrong, ended or revoked."),
    Text(
        "请在 Authorization 头中写 Bearer 加令牌；向管理员申请新的令牌。",
        "Send Authorization: Bearer TOKEN; ask the administrator for a new one.",
    ),
)
FORBIDDEN = HutongError(
    "forbidden",
    Text("无权查看或办理。", "This may not be seen or done by you."),
    Text("请用有相应身份的令牌，或登录。", "Use a token with a fitting role, or sign in."),
)
MISSING = HutongError(
    "not-found",
    Text("没有这一项。", "There is no such thing."),
    Text("请核对地址和编号；目录见 /api/。", "Check the address and the number; /api/ lists what there is."),
)


class Json(JSONRenderer):
    """JSON in which Chinese can be read."""

    media_type = "application/json"
    json_dumps_params: ClassVar[dict[str, Any]] = {"ensure_ascii": False, "allow_nan": False}


class Bearer(HttpBearer):
    """Who asks: a machine with a token, or whoever reads in a browser. Without a token nothing is written."""

    def __call__(self, request: HttpRequest) -> Any:
        """Return who asks; nothing where that is refused."""
        header = request.headers.get("Authorization", "")
        if not header:
            return request.method in READS
        kind, _, secret = header.partition(" ")
        return self.authenticate(request, secret.strip()) if kind.lower() == "bearer" else None

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Let the machine of a token ask."""
        found = selectors.by_secret(token)
        if found is None:
            return None
        services.note_use(found)
        request.user = selectors.machine(found)
        return request.user


@cache
def make_api() -> NinjaAPI:
    """Return the API with the routes of every app that has an ``api.py``."""
    api = NinjaAPI(
        title="Hutong 胡同",
        version="1.0.0",
        description=(
            "What the site shows to everyone, as data, and what a machine with a token may add. "
            "网站对所有人公开的内容，以数据形式提供；持令牌的设备可以上报。"
        ),
        docs_url=None,
        openapi_url=None,
        auth=Bearer(),
        renderer=Json(),
    )
    for stage in stages():
        if stage.label != "api" and find_spec(f"{stage.name}.api"):
            api.add_router("", import_module(f"{stage.name}.api").router, tags=[stage.label])
    _errors(api)
    return api


def _errors(api: NinjaAPI) -> None:
    def told(request: HttpRequest, error: HutongError, status: int) -> HttpResponse:
        return api.create_response(request, problem(error), status=status)

    api.add_exception_handler(HutongError, lambda r, e: told(r, e, STATUS.get(e.code, 400)))
    api.add_exception_handler(Http404, lambda r, _e: told(r, MISSING, 404))
    api.add_exception_handler(PermissionDenied, lambda r, _e: told(r, FORBIDDEN, 403))
    api.add_exception_handler(AuthenticationError, lambda r, _e: told(r, BAD_TOKEN, 401))
    api.add_exception_handler(ValidationError, lambda r, e: told(r, _invalid(e), 422))
    api.add_exception_handler(HttpError, lambda r, e: told(r, _unreadable(e), e.status_code))


def _invalid(caught: ValidationError) -> HutongError:
    rows = [f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in caught.errors]
    return HutongError(
        "invalid",
        Text(
            f"{len(rows)} 处参数不合要求。",
            "1 value is not as it must be."
            if len(rows) == 1
            else f"{len(rows)} values are not as they must be.",
        ),
        Text("请按所列各处改正；要求见 /api/。", "Mend what is listed; /api/ says what is wanted."),
        rows,
    )


def _unreadable(caught: HttpError) -> HutongError:
    return HutongError(
        "unreadable",
        Text("请求无法读取。", "The request cannot be read."),
        Text("请求正文须是 JSON。", "The body must be JSON."),
        [str(caught)],
    )


@cache
def description() -> dict[str, Any]:
    """Return the OpenAPI description: reading needs no token, writing does."""
    made: dict[str, Any] = dict(make_api().get_openapi_schema(path_prefix=f"api/{PREFIX}"))
    for operations in made["paths"].values():
        for method, operation in operations.items():
            if method == "get":
                operation["security"] = [{}, *operation["security"]]
    return made
