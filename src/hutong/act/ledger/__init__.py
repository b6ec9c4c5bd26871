"""The public ledger 存证台账: what was decided, by which act, and the proof that none of it was altered.

In: acts as ``acts.yaml`` describes them, personal data only as salted commitments. Out: entries in one canonical
form, a tree of hashes (RFC 6962) with signed checkpoints (C2SP), proofs, receipts and a download that anyone can
check with ``checker.py`` and nothing but Python.
"""

from hutong.act.ledger.book import Book, Receipt, write_download
from hutong.act.ledger.checker import (
    Checkpoint,
    Fault,
    Note,
    Verifier,
    check_entries,
    check_folder,
    check_receipt,
)
from hutong.act.ledger.entry import ActKind, Opening, act_kinds, make_entry
from hutong.act.ledger.signing import SigningKey
from hutong.act.ledger.tree import Tree

__all__ = [
    "ActKind",
    "Book",
    "Checkpoint",
    "Fault",
    "Note",
    "Opening",
    "Receipt",
    "SigningKey",
    "Tree",
    "Verifier",
    "act_kinds",
    "check_entries",
    "check_folder",
    "check_receipt",
    "make_entry",
    "write_download",
]
