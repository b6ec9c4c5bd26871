"""Packing and opening a package: a zip of manifest, content and signature; whatever comes from elsewhere may be hostile."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from hutong.act.ledger import Checkpoint, Fault, Note, SigningKey
from hutong.act.ledger.checker import Verifier
from hutong.errors import HutongError
from hutong.plan.document_file import read_scheme_text
from hutong.service.exchange.format import (
    CONTENT,
    CONTENTS,
    MANIFEST,
    PARTS,
    SIGNATURE,
    VERSION,
    Manifest,
    Strict,
)
from hutong.text import Text

#: A package is at most so large (in base64 it must pass as one request), and its parts when unpacked; in bytes.
LARGEST, LARGEST_PART = 3 * 2**19, {MANIFEST: 64 * 1024, SIGNATURE: 4096, CONTENT: 8 * 2**20}
#: What the signature covers is named so, and no entry of a ledger can be taken for it.
ORIGIN = "hutong/exchange"
#: Every package has this time inside, so that the same content gives the same bytes.
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Opened:
    """A package that holds together: the manifest, the content, who signed it, and the hash of the whole."""

    manifest: Manifest
    content: Strict
    signer: Verifier
    digest: str


def _refused(code: str, zh: str, en: str, rows: list[str] | None = None) -> HutongError:
    hint = Text(
        "没有写入任何内容；请发送方重新导出，或用文档核对格式（docs/exchange.md）。",
        "Nothing was written; let the sender export it again, or hold it against docs/exchange.md.",
    )
    return HutongError(code, Text(zh, en), hint, rows or [])


def pack(manifest: Manifest, content: Strict, key: SigningKey) -> bytes:
    """Return a package; the same manifest, content and key give the same bytes (Ed25519 draws nothing)."""
    parts = {MANIFEST: _bytes(manifest), CONTENT: _bytes(content)}
    parts[SIGNATURE] = key.sign(_statement(parts[MANIFEST])).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in PARTS:
            about = zipfile.ZipInfo(name, EPOCH)
            about.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(about, parts[name])
    return out.getvalue()


def part_of(content: Strict) -> dict[str, Any]:
    """Return how the manifest names a content."""
    data = _bytes(content)
    return {"name": CONTENT, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _bytes(of: Strict) -> bytes:
    told = of.model_dump(mode="json")
    return json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False).encode()


def _statement(manifest: bytes) -> Checkpoint:
    return Checkpoint(ORIGIN, len(manifest), hashlib.sha256(manifest).digest())


def open_package(data: bytes) -> Opened:
    """Open a package and check all of it.

    Raises
    ------
    HutongError
        ``package-size``, ``package-broken``, ``package-version``, ``package-content``, ``package-hash`` or
        ``package-signature``; nothing is unpacked to disk at any time.
    """
    parts = _parts(data)
    told = _json(parts[MANIFEST], MANIFEST)
    if not isinstance(told, dict) or told.get("format") != "hutong-exchange":
        raise _refused("package-broken", "这不是胡同交换包。", "This is no package of Hutong.")
    if told.get("version") != VERSION:
        raise _refused(
            "package-version",
            f"交换包的版本是 {str(told.get('version'))[:20]}，这里只认第 {VERSION} 版。",
            f"The package has version {str(told.get('version'))[:20]}; this site reads {VERSION}.",
        )
    manifest = _valid(Manifest, parts[MANIFEST], MANIFEST)
    signer = _signer(manifest, parts)
    part = manifest.parts[0]
    if part.size != len(parts[CONTENT]) or part.sha256 != hashlib.sha256(parts[CONTENT]).hexdigest():
        raise _refused(
            "package-hash",
            "内容与清单所记的哈希不符。",
            "The content is not the one that the manifest names.",
        )
    _json(parts[CONTENT], CONTENT)
    content = _valid(CONTENTS[manifest.kind], parts[CONTENT], CONTENT)
    if manifest.kind == "scheme":
        check_scheme(content.document)  # type: ignore[attr-defined]
    return Opened(manifest, content, signer, hashlib.sha256(data).hexdigest())


def _parts(data: bytes) -> dict[str, bytes]:
    if len(data) > LARGEST:
        raise _refused("package-size", "交换包太大。", f"The package is larger than {LARGEST // 1024} KB.")
    out: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [i.filename for i in archive.infolist()]
            if sorted(names) != sorted(PARTS):  # no other name, no path, none twice
                raise _refused(
                    "package-broken",
                    "交换包里的文件不是应有的三个。",
                    "The package does not hold the three parts that it must.",
                    names[:5],
                )
            for name in PARTS:
                with archive.open(name) as part:  # read no further than allowed, whatever the directory says
                    out[name] = part.read(LARGEST_PART[name] + 1)
                if len(out[name]) > LARGEST_PART[name]:
                    raise _refused(
                        "package-size", f"{name} 展开后太大。", f"{name} is too large when unpacked."
                    )
    except (
        zipfile.BadZipFile,
        NotImplementedError,  # what zipfile raises for a way of packing that it does not know
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        zlib.error,
    ) as caught:
        raise _refused(
            "package-broken", "交换包打不开。", "The package cannot be opened.", [type(caught).__name__]
        ) from caught
    return out


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _no(word: str) -> Any:
    raise ValueError(word)


def _json(data: bytes, name: str) -> Any:
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no)
    except (ValueError, RecursionError) as caught:
        raise _refused(
            "package-broken", f"{name} 不是规范的 JSON。", f"{name} is no proper JSON.", [str(caught)[:120]]
        ) from caught


def _valid(model: type[Any], data: bytes, name: str) -> Any:
    try:
        return model.model_validate_json(data)
    except ValidationError as caught:
        rows = [f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in caught.errors()[:20]]
        raise _refused(
            "package-content",
            f"{name} 有 {caught.error_count()} 处不合格式。",
            f"{name} is not as the format has it in {caught.error_count()} places.",
            rows,
        ) from caught


def _signer(manifest: Manifest, parts: dict[str, bytes]) -> Verifier:
    """Return the key that the manifest names, once it is seen to have signed it."""
    wrong = _refused(
        "package-signature",
        "签名不对：清单被改过，或不是所称的站点签的。",
        "The signature does not hold: the manifest was altered, or another signed it than it says.",
    )
    try:
        verifier = Verifier.read(manifest.origin.key)
        note = Note.read(parts[SIGNATURE].decode("utf-8"))
    except (Fault, UnicodeDecodeError) as caught:
        raise wrong from caught
    named = verifier.name == manifest.origin.site
    if not named or note.text != _statement(parts[MANIFEST]).text() or not note.signed_by(verifier):
        raise wrong
    return verifier


def check_scheme(document: str) -> None:
    """Raise ``package-content`` unless a text is a scheme's document; anchors, with which a small text grows huge, are refused."""
    try:
        if any(
            isinstance(t, yaml.AliasToken | yaml.AnchorToken | yaml.TagToken) for t in yaml.scan(document)
        ):
            raise _refused(
                "package-content",
                "方案文件含 YAML 锚点或标签。",
                "The scheme’s document holds YAML anchors or tags.",
            )
        read_scheme_text(Path("scheme.yaml"), document)
    except (yaml.YAMLError, RecursionError) as caught:
        raise _refused(
            "package-content",
            "方案文件读不了。",
            "The scheme’s document cannot be read.",
            [str(caught)[:120]],
        ) from caught
