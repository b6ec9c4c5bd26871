"""The only writes to tokens: make, revoke, note the use."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.utils import timezone

from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.accounts.roles import roles
from hutong.service.api.models import Token
from hutong.service.api.selectors import digest
from hutong.service.places.models import Place
from hutong.text import Text

#: By its beginning a token is known as one of Hutong's, should it be left lying about.
BEGINNING = "hutong_"
#: The use of a token is written at most this often.
NOTED_EVERY = timedelta(minutes=5)


def make_token(
    name: str, role: str, place: Place, by: User | None, days: int | None = None
) -> tuple[Token, str]:
    """Make a token for a machine; return it and what the machine sends, which is kept nowhere.

    Parameters
    ----------
    days
        After so many days it ends by itself; ``None``: when it is revoked.

    Raises
    ------
    HutongError
        ``bad-token`` if the role cannot be held there, belongs to a home, or administers.
    """
    known = roles().get(role)
    if known is None or known.verified or role == "administrator" or place.kind not in known.levels:
        raise HutongError(
            "bad-token",
            Text(
                f"令牌不能以此身份用于“{place.name_zh}”。",
                f"A token cannot hold this role at {place.name_en}.",
            ),
            Text(
                "请选择该级别可用的身份；居民和管理员身份不给机器。",
                "Choose a role of that level; a resident's or administrator's role is not for machines.",
            ),
        )
    secret = BEGINNING + secrets.token_urlsafe(32)
    until = None if days is None else timezone.now() + timedelta(days=days)
    made = Token.objects.create(
        name=name, digest=digest(secret), role=role, place=place, made_by=by, until=until
    )
    return made, secret


def revoke(token: Token) -> None:
    """End a token at once."""
    if token.revoked is None:
        token.revoked = timezone.now()
        token.save(update_fields=["revoked"])


def note_use(token: Token) -> None:
    """Note that a token was used, unless that was just done."""
    now = timezone.now()
    if token.used is None or now - token.used > NOTED_EVERY:
        Token.objects.filter(pk=token.pk).update(used=now)
