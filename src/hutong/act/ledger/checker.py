#!/usr/bin/env python3
"""Check a downloaded ledger with nothing but Python: ``python3 checker.py FOLDER --key KEY``.

One file, no other package, so that anyone can read it whole and run it anywhere. It holds the hashing of RFC 6962,
the verification of Ed25519 (RFC 8032) and the C2SP signed-note and checkpoint forms; the platform uses these same
functions, so what a citizen checks is what the platform claims.

FOLDER holds ``entries.jsonl`` (one entry a line) and ``checkpoint`` (size and root, signed). The key is printed on
the notice board and stands in older receipts; a key found in the download itself proves only that the download
agrees with itself.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

HASH_BYTES = 32
ED25519, COSIGNATURE = 1, 4
LARGEST_INTEGER = 2**53 - 1
COMMITMENT_DOMAIN = b"hutong/commitment/v1\0"


class Fault(Exception):  # noqa: N818 - what a reader of the ledger finds, not a fault of the program
    """Something in the ledger does not hold, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


# --- RFC 6962 -------------------------------------------------------------------------------------------------------


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of an entry (RFC 6962 §2.1: SHA-256 of 0x00 and the entry)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees (RFC 6962 §2.1: SHA-256 of 0x01, left and right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes in one pass (RFC 6962 §2.1); of none, the hash of nothing."""
    stack: list[tuple[int, bytes]] = []
    for leaf in leaves:
        height, top = 0, leaf
        while stack and stack[-1][0] == height:
            top = node_hash(stack.pop()[1], top)
            height += 1
        stack.append((height, top))
    if not stack:
        return hashlib.sha256(b"").digest()
    root = stack.pop()[1]
    while stack:
        root = node_hash(stack.pop()[1], root)
    return root


def inclusion_holds(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether ``proof`` shows ``leaf`` at ``index`` of the tree of ``size`` (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, top = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            top = node_hash(step, top)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            top = node_hash(top, step)
        at, last = at >> 1, last >> 1
    return last == 0 and top == root


def consistency_holds(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether the tree of ``size`` extends the one of ``old_size`` (RFC 9162 §2.1.4.2)."""
    if not 0 <= old_size <= size:
        return False
    if old_size == 0:
        return not proof and old_root == tree_root(())
    if old_size == size:
        return not proof and old_root == root
    steps = list(proof)
    if old_size & (old_size - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == old_root and new == root


# --- RFC 8032 (verification only; nothing here is secret) -----------------------------------------------------------

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_ONE = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]


def _add(a: _Point, b: _Point) -> _Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % _P, (a[1] + a[0]) * (b[1] + b[0]) % _P
    c, d = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    x, y, z, t = f - e, d - c, d + c, f + e
    return x * y % _P, z * t % _P, y * z % _P, x * t % _P


def _times(n: int, point: _Point) -> _Point:
    total: _Point = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = _add(total, point)
        point, n = _add(point, point), n >> 1
    return total


def _point(data: bytes) -> _Point | None:
    """Return the point that 32 bytes encode, or none (RFC 8032 §5.1.3)."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _same(a: _Point, b: _Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % _P == 0 and (a[1] * b[2] - b[1] * a[2]) % _P == 0


_BASE_Y = 4 * pow(5, -1, _P) % _P
_BASE = _point(_BASE_Y.to_bytes(32, "little"))


def ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether ``signature`` (64 bytes) is the one of ``public`` (32 bytes) on ``message`` (RFC 8032 §5.1.7)."""
    if len(public) != 32 or len(signature) != 64 or _BASE is None:
        return False
    key, nonce = _point(public), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or nonce is None or scalar >= _L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    return _same(_times(scalar, _BASE), _add(nonce, _times(challenge, key)))


# --- signed notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature) -------------------------------


@dataclass(frozen=True)
class Verifier:
    """A public key with its name and kind, as ``name+id+key``."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that name the key in a signature line."""
        return key_id(self.name, self.kind, self.public)

    @classmethod
    def read(cls, text: str) -> Verifier:
        """Read a key; it raises :class:`Fault` if it is none."""
        try:
            name, shown, key = text.strip().split("+", 2)
            data = base64.b64decode(key, validate=True)
            verifier = cls(name, data[0], data[1:])
            good = verifier.id.hex() == shown and data[0] in (ED25519, COSIGNATURE) and len(data) == 33
        except (ValueError, IndexError):
            good = False
        if not good:
            raise Fault("密钥格式不对，应为 名称+编号+密钥。", "This is no key; its form is name+id+key.")
        return verifier

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Return the first four bytes of SHA-256 over name, newline, kind and key (C2SP signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


@dataclass(frozen=True)
class Note:
    """A text and the signature lines under it: (name, key id, signature)."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    @classmethod
    def read(cls, raw: str) -> Note:
        """Read a signed note; it raises :class:`Fault` if it is none."""
        text, cut, tail = raw.rpartition("\n\n")
        found = []
        try:
            if not cut or not tail.endswith("\n"):
                raise ValueError
            for line in tail.splitlines():
                dash, name, data = line.split(" ")
                blob = base64.b64decode(data, validate=True)
                if dash != "—" or not name or len(blob) < 5:
                    raise ValueError
                found.append((name, blob[:4], blob[4:]))
        except (ValueError, binascii.Error):
            raise Fault("校验点不是签名文本。", "The checkpoint is no signed note.") from None
        return cls(text + "\n", tuple(found))

    def signed_by(self, verifier: Verifier) -> bool:
        """Return whether the key's own signature stands under the text."""
        for name, shown, signature in self.signatures:
            if name == verifier.name and shown == verifier.id:
                message = self.text.encode()
                if verifier.kind == COSIGNATURE:
                    when = int.from_bytes(signature[:8], "big")
                    message, signature = cosigned(self.text, when), signature[8:]
                return ed25519_holds(verifier.public, message, signature)
        return False


def cosigned(text: str, when: int) -> bytes:
    """Return what a witness signs: the time (seconds since 1970) and the checkpoint (C2SP tlog-cosignature)."""
    return f"cosignature/v1\ntime {when}\n{text}".encode()


@dataclass(frozen=True)
class Checkpoint:
    """What the ledger says of itself: whose it is, how many entries, their root."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def read(cls, text: str) -> Checkpoint:
        """Read the body of a checkpoint; it raises :class:`Fault` if it is none."""
        try:
            origin, size, root = text.splitlines()[:3]
            read = cls(origin, int(size), base64.b64decode(root, validate=True))
            if str(read.size) != size or read.size < 0 or len(read.root) != HASH_BYTES or not origin:
                raise ValueError
        except ValueError:
            raise Fault("校验点格式不对。", "The checkpoint is malformed.") from None
        return read

    def text(self) -> str:
        """Return the three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


# --- entries --------------------------------------------------------------------------------------------------------


def canonical(value: object) -> bytes:
    """Return the one JSON form of a value (RFC 8785), which must hold no fractions.

    Numbers are whole and at most 2⁵³ − 1; amounts and areas enter as whole fen and cm². It raises :class:`Fault`
    on anything else, since two readers could write it in two ways.
    """
    _plain_or_fault(value)
    return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _plain_or_fault(value: object) -> None:
    if isinstance(value, dict) and all(isinstance(k, str) for k in value):
        for key, inner in value.items():
            _plain_or_fault(key)
            _plain_or_fault(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _plain_or_fault(inner)
    elif isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Fault("文本含有残缺字符。", "A text holds half a character.") from None
    elif isinstance(value, bool) or value is None:
        return
    elif not isinstance(value, int) or abs(value) > LARGEST_INTEGER:
        raise Fault(
            f"条目只能含整数、文字、真假和空值，不能含 {value!r}。",
            f"An entry holds whole numbers, texts, true, false and null; {value!r} is none of these.",
        )


def _ordered(value: object) -> object:
    if isinstance(value, dict):
        return {k: _ordered(value[k]) for k in sorted(value, key=lambda k: k.encode("utf-16-be"))}
    if isinstance(value, list | tuple):
        return [_ordered(v) for v in value]
    return value


def commitment(salt: bytes, value: object) -> str:
    """Return what stands in the ledger for a private value: SHA-256 over a domain, 32 random bytes and the value."""
    return hashlib.sha256(COMMITMENT_DOMAIN + salt + canonical(value)).hexdigest()


# --- the download ---------------------------------------------------------------------------------------------------


def read_entries(path: Path) -> list[bytes]:
    """Return the entries of a download, one a line; it raises :class:`Fault` naming a line that is not canonical."""
    raw = path.read_bytes()
    if raw and not raw.endswith(b"\n"):
        raise Fault("最后一行不完整。", "The last line is cut off.")
    return check_entries(raw.split(b"\n")[:-1])


def check_entries(lines: list[bytes]) -> list[bytes]:
    """Return entries that are canonical and numbered in order; it raises :class:`Fault` naming one that is not."""
    for at, line in enumerate(lines):
        try:
            value = json.loads(line)
            good = canonical(value) == line and isinstance(value, dict) and value.get("n") == at
        except (ValueError, Fault, RecursionError):
            good = False
        if not good:
            raise Fault(f"第 {at + 1} 行不是规范条目。", f"Line {at + 1} is no canonical entry.")
    return lines


def check_folder(
    folder: Path, key: Verifier, witnesses: Sequence[Verifier] = (), older: Sequence[Path] = ()
) -> Checkpoint:
    """Check a whole download and return what it shows.

    Parameters
    ----------
    folder
        Holds ``entries.jsonl`` and ``checkpoint``.
    key, witnesses
        Whose signatures must stand under the checkpoint.
    older
        Checkpoints kept from earlier: their entries must be the first ones of this download.

    It raises :class:`Fault` saying what does not hold.
    """
    entries = read_entries(folder / "entries.jsonl")
    now = _signed_checkpoint(folder / "checkpoint", (key, *witnesses))
    leaves = [leaf_hash(e) for e in entries]
    if now.size != len(leaves):
        raise Fault(
            f"校验点说有 {now.size} 条，下载里有 {len(leaves)} 条。",
            f"The checkpoint counts {now.size} entries, the download holds {len(leaves)}.",
        )
    if tree_root(leaves) != now.root:
        raise Fault(
            "条目与签名的根不符：有条目被改动、增删或换序。",
            "The entries do not give the signed root: one was altered, added, removed or moved.",
        )
    for path in older:
        then = _signed_checkpoint(path, (key,))
        if then.origin != now.origin or then.size > now.size or tree_root(leaves[: then.size]) != then.root:
            raise Fault(
                f"历史被改写：{path} 的 {then.size} 条不是现在的前 {then.size} 条。",
                f"History was rewritten: the {then.size} entries of {path} are not the first ones of today.",
            )
    return now


def check_receipt(path: Path, key: Verifier) -> dict[str, object]:
    """Check a receipt by itself and return its entry; it raises :class:`Fault` saying what does not hold."""
    try:
        receipt = json.loads(path.read_text(encoding="utf-8"))
        entry, note = receipt["entry"], Note.read(receipt["checkpoint"])
        proof = [bytes.fromhex(step) for step in receipt["proof"]]
        openings = {f: (bytes.fromhex(o["salt"]), o["value"]) for f, o in receipt.get("openings", {}).items()}
        index = entry["n"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Fault(f"{path} 不是回执。", f"{path} is no receipt.") from None
    seen = _held(note, (key,))
    if not isinstance(index, int) or not inclusion_holds(
        leaf_hash(canonical(entry)), index, seen.size, proof, seen.root
    ):
        raise Fault("回执所载条目不在台账中。", "The entry of the receipt is not in the ledger.")
    for field, (salt, value) in openings.items():
        if entry.get("private", {}).get(field) != commitment(salt, value):
            raise Fault(
                f"回执中的 {field} 与台账不符。", f"{field} of the receipt is not what the ledger holds."
            )
    return dict(entry)


def _signed_checkpoint(path: Path, keys: Sequence[Verifier]) -> Checkpoint:
    try:
        raw = path.read_bytes().decode()
    except UnicodeDecodeError:
        raise Fault("校验点不是签名文本。", "The checkpoint is no signed note.") from None
    return _held(Note.read(raw), keys)


def _held(note: Note, keys: Sequence[Verifier]) -> Checkpoint:
    for verifier in keys:
        if not note.signed_by(verifier):
            raise Fault(
                f"校验点没有 {verifier.name} 的有效签名。",
                f"The checkpoint bears no valid signature of {verifier.name}.",
            )
    return Checkpoint.read(note.text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the check and say the result; 0 when everything holds, 1 when something does not, 2 when it cannot run."""
    parser = argparse.ArgumentParser(
        description="核验台账 · Check a ledger", epilog=(__doc__ or "").split("\n\n")[-1]
    )
    parser.add_argument("folder", type=Path, help="下载的文件夹 · the download")
    parser.add_argument("--key", help="公示的公钥 · the published key: name+id+key")
    parser.add_argument("--witness", action="append", default=[], help="见证人公钥 · key of a witness")
    parser.add_argument(
        "--older",
        action="append",
        default=[],
        type=Path,
        help="以前留存的校验点 · a checkpoint kept from earlier",
    )
    parser.add_argument("--receipt", action="append", default=[], type=Path, help="回执 · a receipt")
    asked = parser.parse_args(arguments)
    say = sys.stdout.write
    try:
        shown = asked.key or (asked.folder / "key").read_text(encoding="utf-8")
        key = Verifier.read(shown)
        now = check_folder(asked.folder, key, [Verifier.read(w) for w in asked.witness], asked.older)
        for path in asked.receipt:
            check_receipt(path, key)
    except Fault as caught:
        say(f"✗ {caught.zh}\n✗ {caught.en}\n")
        return 1
    except OSError as caught:
        say(f"✗ 读不到 {caught.filename}。\n✗ Cannot read {caught.filename}.\n")
        return 2
    say(f"✓ {now.size} 条全部核验无误（{now.origin}）。\n✓ All {now.size} entries hold ({now.origin}).\n")
    if not asked.key:
        say(
            f"! 公钥来自下载本身，请与公示栏核对：{key}\n"
            "! The key came with the download; compare it with the one on the notice board.\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
