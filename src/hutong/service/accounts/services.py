"""The only writes to people and grants."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from hutong.errors import HutongError
from hutong.service.accounts.models import HOW_VERIFIED, Grant, User
from hutong.service.accounts.roles import roles
from hutong.service.places.models import Place
from hutong.service.words import spoken
from hutong.text import Text


def make_user(username: str, password: str | None, display_name: str = "") -> User:
    """Make an account; without a password it can be entered only after one was set.

    Raises
    ------
    HutongError
        ``user-exists``.
    """
    if User.objects.filter(username__iexact=username).exists():
        raise HutongError(
            "user-exists",
            Text(f"用户名 {username} 已有人使用。", f"The user name {username} is taken."),
            Text("请换一个。", "Choose another."),
        )
    user = User(username=username, display_name=display_name)
    user.set_password(password)
    user.save()
    return user


@transaction.atomic
def make_administrator(username: str, password: str, city: Place) -> User:
    """Make an account that administers a city; it raises as :func:`make_user` does."""
    user = make_user(username, password)
    grant(user, "administrator", city, note="made on the command line")
    return user


def set_password(user: User, password: str) -> None:
    """Give an account a new password."""
    user.set_password(password)
    user.save(update_fields=["password"])


@transaction.atomic
def grant(
    user: User, role: str, place: Place, by: User | None = None, verified: str = "", note: str = ""
) -> Grant:
    """Give a person a role at a place; a grant that is open already is returned, and verified if it was not.

    Raises
    ------
    HutongError
        ``no-such-role``; ``wrong-level`` if the role cannot be held at such a place.
    """
    if role not in roles():
        raise HutongError(
            "no-such-role",
            Text(f"没有“{role}”这种身份。", f"There is no role {role}."),
            Text("请从列表中选择。", "Choose one of the list."),
        )
    if place.kind not in roles()[role].levels:
        raise HutongError(
            "wrong-level",
            Text(
                f"“{roles()[role].title.zh}”不能授予在“{place.name_zh}”这一级。",
                f"{roles()[role].title.en} cannot be held at the level of {place.name_en}.",
            ),
            Text("请选择合适级别的地点。", "Choose a place of a fitting level."),
        )
    if verified and verified not in HOW_VERIFIED:
        raise ValueError(verified)
    open_grant, _ = Grant.objects.get_or_create(
        user=user,
        role=role,
        place=place,
        until=None,
        defaults={"granted_by": by, "verified": verified, "note": note},
    )
    if verified and not open_grant.verified:
        open_grant.verified = verified
        open_grant.save(update_fields=["verified"])
    return open_grant


def revoke(given: Grant) -> None:
    """Close a grant; what was done under it stays done."""
    if given.until is None:
        given.until = timezone.now()
        given.save(update_fields=["until"])


def describe(given: Grant) -> str:
    """Return a grant in the reader's language: the role and where."""
    return f"{spoken(given.title)} · {spoken(given.place.title)}"
