"""Keys that sign checkpoints: the ledger's own, and those of witnesses (C2SP signed-note, tlog-cosignature)."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from hutong.act.ledger.checker import COSIGNATURE, ED25519, Checkpoint, Note, Verifier, cosigned
from hutong.errors import HutongError
from hutong.text import Text

_PREFIX = "PRIVATE+KEY+"


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key with its name; ``kind`` says whether it signs checkpoints or witnesses them."""

    name: str
    kind: int
    _private: Ed25519PrivateKey

    @classmethod
    def new(cls, name: str, witness: bool = False) -> SigningKey:
        """Make a key; it raises ``ledger-key`` if the name is empty or holds a space or a plus."""
        if not name or "+" in name or any(c.isspace() for c in name):
            raise _key_error(
                "密钥名称不能为空，不能含空格或加号。", "A key's name is not empty and has no space or plus."
            )
        return cls(name, COSIGNATURE if witness else ED25519, Ed25519PrivateKey.generate())

    @property
    def verifier(self) -> Verifier:
        """The public key."""
        return Verifier(
            self.name, self.kind, self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        )

    def save(self, path: Path) -> None:
        """Write the key so that only its owner can read it; it never replaces one (``exists``)."""
        seed = self._private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        shown = base64.b64encode(bytes([self.kind]) + seed).decode()
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise HutongError(
                "exists",
                Text(f"{path} 已存在，密钥不会被覆盖。", f"{path} exists; a key is never replaced."),
                Text("换一个文件名。", "Choose another file."),
            ) from None
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{_PREFIX}{self.name}+{self.verifier.id.hex()}+{shown}\n")

    @classmethod
    def load(cls, path: Path) -> SigningKey:
        """Read a key; it raises ``ledger-key`` if the file is missing or is no key."""
        try:
            text = path.read_text(encoding="utf-8").strip()
            name, shown, data = text.removeprefix(_PREFIX).split("+", 2)
            blob = base64.b64decode(data, validate=True)
            key = cls(name, blob[0], Ed25519PrivateKey.from_private_bytes(blob[1:]))
            good = text.startswith(_PREFIX) and key.verifier.id.hex() == shown
        except (OSError, ValueError, IndexError):
            good = False
        if not good:
            raise _key_error(f"{path} 不是签名密钥。", f"{path} is no signing key.")
        return key

    def sign(self, checkpoint: Checkpoint) -> str:
        """Return the checkpoint as a signed note."""
        text = checkpoint.text()
        return f"{text}\n{self._line(self._private.sign(text.encode()))}"

    def cosign(self, note: str, when: int) -> str:
        """Return the note with the witness's line added; ``when`` in seconds since 1970."""
        signature = self._private.sign(cosigned(Note.read(note).text, when))
        return note + self._line(when.to_bytes(8, "big") + signature)

    def _line(self, signature: bytes) -> str:
        return f"— {self.name} {base64.b64encode(self.verifier.id + signature).decode()}\n"


def _key_error(zh: str, en: str) -> HutongError:
    return HutongError(
        "ledger-key",
        Text(zh, en),
        Text("用 hutong ledger key 生成密钥。", "Make one with hutong ledger key."),
    )
