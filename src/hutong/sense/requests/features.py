"""Texts as TF-IDF of single characters and pairs, in plain arrays.

Equal to scikit-learn's ``TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)`` on the text of
:func:`~hutong.sense.requests.clean.for_comparing` (a test holds the two equal); written anew so that a saved model
is numbers only. A term is one whole number: the code point, or first × 2²¹ + second for a pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hutong.sense.requests.clean import for_comparing

_PAIR = 21  # a code point has 21 bits


@dataclass(frozen=True)
class Vocabulary:
    """``terms``: sorted int64 of shape (terms,); ``idf``: ln((1 + n) / (1 + df)) + 1, float64 of the same shape."""

    terms: NDArray[np.int64]
    idf: NDArray[np.float64]


def _terms(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return every term of every text, and the text it stands in."""
    plain = [for_comparing(t) for t in texts]
    length = np.array([len(t) for t in plain], dtype=np.int64)
    codes = np.frombuffer("".join(plain).encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.int64)
    owner = np.repeat(np.arange(len(plain), dtype=np.int64), length)
    together = owner[1:] == owner[:-1]
    pairs = ((codes[:-1] << _PAIR) | codes[1:])[together]
    return np.concatenate([codes, pairs]), np.concatenate([owner, owner[1:][together]])


def make_vocabulary(texts: Sequence[str], min_texts: int = 2) -> Vocabulary:
    """Return the terms that stand in at least ``min_texts`` texts, and how telling each is."""
    term, owner = _terms(texts)
    terms, at = np.unique(term, return_inverse=True)
    each = np.unique(at.astype(np.int64) * max(len(texts), 1) + owner) // max(len(texts), 1)
    frequency = np.bincount(each, minlength=len(terms))
    keep = frequency >= min_texts
    idf = np.log((1.0 + len(texts)) / (1.0 + frequency[keep])) + 1.0
    return Vocabulary(terms[keep], idf)


def vectors(texts: Sequence[str], vocabulary: Vocabulary) -> Any:
    """Return the texts as rows of unit length, a CSR matrix of shape (texts, terms); a text without terms is 0."""
    term, owner = _terms(texts)
    size = len(vocabulary.terms)
    at = np.searchsorted(vocabulary.terms, term)
    known = (at < size) & (vocabulary.terms[np.minimum(at, max(size - 1, 0))] == term) if size else at < 0
    count = sparse.coo_matrix(
        (np.ones(int(known.sum())), (owner[known], at[known])), shape=(len(texts), size)
    ).tocsr()
    count.sum_duplicates()
    count.data = (1.0 + np.log(count.data)) * vocabulary.idf[count.indices]
    norm = np.sqrt(np.asarray(count.multiply(count).sum(axis=1))).ravel()
    scale = sparse.diags_array(1.0 / np.where(norm > 0, norm, 1.0))
    return sparse.csr_matrix(scale @ count)
