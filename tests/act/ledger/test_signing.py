"""Signatures against the RFC's own vectors, the peer library and a published signed note."""

import base64
import stat

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.act.ledger.checker import Checkpoint, Fault, Note, Verifier, ed25519_holds, tree_root
from hutong.act.ledger.signing import SigningKey
from hutong.errors import HutongError

#: RFC 8032 §7.1, tests 1–3: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_vectors_of_rfc_8032(public, message, signature):
    key, text, sign = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert ed25519_holds(key, text, sign)
    assert not ed25519_holds(key, text + b"x", sign)
    order = 2**252 + 27742317777372353535851937790883648493
    malleable = sign[:32] + (int.from_bytes(sign[32:], "little") + order).to_bytes(32, "little")
    assert not ed25519_holds(key, text, malleable)


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=200), st.binary(min_size=32, max_size=32), st.integers(0, 511))
def test_equal_to_the_peer_library(message, seed, bit):
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert ed25519_holds(public, message, signature)
    bad = bytes(x ^ (1 << bit % 8 if i == bit // 8 else 0) for i, x in enumerate(signature))
    assert not ed25519_holds(public, message, bad)


def test_a_note_signed_elsewhere():
    """The example of the documentation of Go's golang.org/x/mod/sumdb/note."""
    key = Verifier.read("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = Note.read(
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    assert note.signed_by(key)
    assert not Note(note.text + "x", note.signatures).signed_by(key)


def test_checkpoint_and_witness():
    ledger, witness = SigningKey.new("quarter.example"), SigningKey.new("auditor.example", witness=True)
    checkpoint = Checkpoint("quarter.example/ledger", 0, tree_root(()))
    note = ledger.sign(checkpoint)
    assert Checkpoint.read(Note.read(note).text) == checkpoint
    both = Note.read(witness.cosign(note, 1_700_000_000))
    assert both.signed_by(ledger.verifier)
    assert both.signed_by(witness.verifier)
    assert not Note.read(note).signed_by(witness.verifier)
    later = witness.cosign(note, 1_700_000_001)
    line = later.splitlines()[-1]
    blob = bytearray(base64.b64decode(line.split(" ")[2]))
    blob[11] ^= 1  # the time of the witness is signed too
    forged = later.replace(line, f"— auditor.example {base64.b64encode(blob).decode()}")
    assert not Note.read(forged).signed_by(witness.verifier)


def test_a_key_is_kept_to_its_owner_and_never_replaced(tmp_path):
    path = tmp_path / "ledger.key"
    key = SigningKey.new("quarter.example")
    key.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SigningKey.load(path).verifier == key.verifier
    with pytest.raises(HutongError, match="never replaced"):
        key.save(path)


@pytest.mark.parametrize("text", ["", "PRIVATE+KEY+a+00000000+AAAA", "nonsense"])
def test_a_broken_key_is_named(tmp_path, text):
    (tmp_path / "k").write_text(text)
    with pytest.raises(HutongError, match="no signing key"):
        SigningKey.load(tmp_path / "k")


@pytest.mark.parametrize("name", ["", "a b", "a+b"])
def test_a_name_that_would_break_a_line(name):
    with pytest.raises(HutongError, match="space or plus"):
        SigningKey.new(name)


@pytest.mark.parametrize(
    "text", ["", "a+b", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "a+00000000+!"]
)
def test_a_broken_public_key(text):
    with pytest.raises(Fault, match="no key"):
        Verifier.read(text)


@pytest.mark.parametrize(
    "raw", ["", "text\n", "text\n\n", "text\n\nno dash\n", "t\n\n— a AA==\n", "t\n\n— a b c\n"]
)
def test_a_broken_note(raw):
    with pytest.raises(Fault, match="signed note"):
        Note.read(raw)


@pytest.mark.parametrize(
    "text", ["o\n1\n", "o\n01\nAAAA\n", "o\n-1\n" + "A" * 43 + "=\n", "\n1\n" + "A" * 43 + "=\n"]
)
def test_a_broken_checkpoint(text):
    with pytest.raises(Fault, match="malformed"):
        Checkpoint.read(text)
