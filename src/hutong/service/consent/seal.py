"""Seals: what nobody may read in the database before its time, and the tokens that stand for people.

A file beside the database holds the site's key; each vote has a key of its own, kept under the site's. Who has the
database alone reads no choice; deleting a vote's key makes its choices unreadable for good.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from hutong.errors import HutongError
from hutong.text import Text

KEY_BYTES, NONCE_BYTES = 32, 12
#: Letters and digits that are not mistaken for one another; ten of them are 49 bits.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
CODE_LENGTH = 10


def site_key() -> bytes:
    """Return the site's key, made on first use."""
    path = Path(settings.ENVIRONMENT.data) / "consent.key"
    if not path.exists():
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".consent.key.")
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        try:
            os.link(name, path)  # whole, and only if another process has not made one meanwhile
        except FileExistsError:
            pass
        finally:
            Path(name).unlink()
    return path.read_bytes()


def new_key() -> bytes:
    """Return a new key, closed under the site's, as it is stored."""
    return close(site_key(), secrets.token_bytes(KEY_BYTES).hex(), "key")


def key_of(stored: bytes) -> bytes:
    """Return a key from how it is stored."""
    return bytes.fromhex(open_(site_key(), stored, "key"))


def close(key: bytes, value: Any, label: str) -> bytes:
    """Return a value sealed under a key; it opens only with the same label."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, json.dumps(value).encode(), label.encode())


def open_(key: bytes, sealed: bytes, label: str) -> Any:
    """Return what was sealed.

    Raises
    ------
    HutongError
        ``broken-seal`` if key, label or bytes are not those it was sealed with.
    """
    try:
        return json.loads(AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], label.encode()))
    except InvalidTag as caught:
        raise HutongError(
            "broken-seal",
            Text(f"封存的内容打不开（{label}）。", f"What was sealed cannot be opened ({label})."),
            Text("请核对数据文件夹中的 consent.key 与数据库是否来自同一备份。", "Check that consent.key in the data folder and the database come from one backup."),
        ) from caught  # fmt: skip


def token_of(reference: str) -> str:
    """Return the token that stands for a holder: the same reference has the same token on this site alone."""
    return "h-" + hmac.new(site_key(), f"holder:{reference.strip()}".encode(), "sha256").hexdigest()[:16]


def code_of(key: bytes, *of: str | int) -> str:
    """Return the letter code of a holder in a vote; nothing has to keep it."""
    number = int.from_bytes(hmac.new(key, ":".join(map(str, of)).encode(), "sha256").digest(), "big")
    out = ""
    for _ in range(CODE_LENGTH):
        number, at = divmod(number, len(ALPHABET))
        out += ALPHABET[at]
    return out


def code_hash(code: str) -> str:
    """Return the hash under which a letter code is found; spaces, hyphens and capitals do not matter."""
    plain = "".join(c for c in code.lower() if c.isalnum())
    return hmac.new(site_key(), f"code:{plain}".encode(), "sha256").hexdigest()
