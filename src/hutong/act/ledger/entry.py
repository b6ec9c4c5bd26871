"""What one entry may hold: the acts of ``acts.yaml``, with personal data only as salted commitments."""

from __future__ import annotations

import datetime as dt
import functools
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources

import yaml

from hutong.act.ledger.checker import LARGEST_INTEGER, Fault, canonical, commitment
from hutong.errors import HutongError
from hutong.text import Text

SALT_BYTES = 32
_ID = re.compile(r"[A-Za-z0-9._:/-]{1,100}")
_HASH = re.compile(r"[0-9a-f]{64}")


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_INTEGER


def _is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and dt.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


#: What each type of a public field admits.
TYPES: dict[str, Callable[[object], bool]] = {
    "id": lambda v: isinstance(v, str) and _ID.fullmatch(v) is not None,
    "hash": lambda v: isinstance(v, str) and _HASH.fullmatch(v) is not None,
    "date": _is_date,
    "flag": lambda v: isinstance(v, bool),
    "count": lambda v: _whole(v) and v >= 0,  # type: ignore[operator]
    "area_cm2": _whole,
}


@dataclass(frozen=True)
class ActKind:
    """One kind of act: its title, its public fields with their type, its private fields."""

    act: str
    title: Text
    public: Mapping[str, str]
    private: tuple[str, ...]


@dataclass(frozen=True)
class Opening:
    """What turns a commitment back into a value: 32 random bytes and the value. Erasing it erases the value."""

    salt: bytes
    value: object


@functools.cache
def act_kinds() -> Mapping[str, ActKind]:
    """Return the acts that the ledger records, by name."""
    raw = yaml.safe_load(resources.files(__package__).joinpath("acts.yaml").read_text(encoding="utf-8"))
    return {
        k["act"]: ActKind(k["act"], Text.of(k["title"]), k["public"], tuple(k.get("private", ())))
        for k in raw
    }


def make_entry(
    index: int,
    act: str,
    at: dt.datetime,
    public: Mapping[str, object],
    private: Mapping[str, object] | None = None,
) -> tuple[bytes, dict[str, Opening]]:
    """Return an entry in its canonical form, and the openings of its commitments.

    Parameters
    ----------
    index
        Its place in the ledger, from 0.
    act
        One of :func:`act_kinds`.
    at
        When it was done, with a time zone; kept in UTC to the second.
    public
        Exactly the public fields of the act.
    private
        Exactly its private fields; only their commitments enter.

    Raises
    ------
    HutongError
        ``ledger-entry`` if the act or a field is not what ``acts.yaml`` says.
    """
    kind = act_kinds().get(act)
    if kind is None:
        raise _entry_error(f"没有“{act}”这种行为", f"there is no act “{act}”")
    if at.tzinfo is None:
        raise _entry_error("时间缺少时区", "the time has no zone")
    private = private or {}
    for asked, given in ((kind.public, public), (dict.fromkeys(kind.private, ""), private)):
        for name in sorted({*asked} ^ {*given}):
            odd = ("缺少", "lacks") if name in asked else ("多出", "has an unknown")
            raise _entry_error(f"{act} {odd[0]}字段 {name}", f"{act} {odd[1]} field {name}")
    for name, value in public.items():
        if not TYPES[kind.public[name]](value):
            raise _entry_error(
                f"{act} 的 {name} 应为 {kind.public[name]}，得到 {value!r}",
                f"{name} of {act} should be {kind.public[name]}, got {value!r}",
            )
    openings = {name: Opening(secrets.token_bytes(SALT_BYTES), value) for name, value in private.items()}
    try:
        entry = {
            "v": 1,
            "n": index,
            "act": act,
            "at": at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "public": dict(public),
            "private": {name: commitment(o.salt, o.value) for name, o in openings.items()},
        }
        return canonical(entry), openings
    except Fault as caught:
        raise _entry_error(caught.zh.rstrip("。"), caught.en.rstrip(".")) from None


def _entry_error(zh: str, en: str) -> HutongError:
    return HutongError(
        "ledger-entry",
        Text(f"不能写入台账：{zh}。", f"This cannot enter the ledger: {en}."),
        Text(
            "各类行为的字段见 act/ledger/acts.yaml。",
            "act/ledger/acts.yaml lists the fields of each act.",
        ),
    )
