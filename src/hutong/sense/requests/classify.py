"""Say what each request is about: by a model trained on an office's own history, or by keywords where there is none.

The model is a linear support vector machine, one class against the rest, on characters and pairs of characters
(:mod:`~hutong.sense.requests.features`). scikit-learn is needed to train it, not to use it. It is kept as numbers in
an .npz file, never as a pickle: opening one runs no code, and its content is held to its SHA-256.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hutong.errors import HutongError
from hutong.files import already_there
from hutong.sense.requests.clean import even_out
from hutong.sense.requests.features import Vocabulary, make_vocabulary, vectors
from hutong.sense.requests.taxonomy import OTHER, Taxonomy, load_taxonomy
from hutong.text import Text

FORMAT = "hutong-request-model-1"
_ARRAYS = ("terms", "idf", "weights", "offsets")


@dataclass(frozen=True)
class Model:
    """A trained classifier: ``weights`` of shape (classes, terms), ``offsets`` of shape (classes,).

    ``about`` holds what it was trained on and how, as plain JSON.
    """

    classes: tuple[str, ...]
    vocabulary: Vocabulary
    weights: NDArray[np.float64]
    offsets: NDArray[np.float64]
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """SHA-256 of all numbers and words of the model."""
        digest = hashlib.sha256(self._words().encode())
        for name, array in self._arrays().items():
            digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def _words(self) -> str:
        words = {"format": FORMAT, "classes": list(self.classes), "about": dict(self.about)}
        return json.dumps(words, ensure_ascii=False, sort_keys=True)

    def _arrays(self) -> dict[str, NDArray[Any]]:
        parts = (self.vocabulary.terms.astype("<i8"), self.vocabulary.idf, self.weights, self.offsets)
        return {n: a if n == "terms" else a.astype("<f8") for n, a in zip(_ARRAYS, parts, strict=True)}

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the margin of each class for each text, shape (texts, classes)."""
        return np.asarray(vectors(texts, self.vocabulary) @ self.weights.T) + self.offsets


def train(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    seed: int = 1,
    cost: float = 1.0,
    min_texts: int = 2,
    about: Mapping[str, Any] | None = None,
) -> Model:
    """Train a classifier on labelled texts.

    Parameters
    ----------
    cost
        C of the support vector machine; classes weigh alike, however many examples they have.
    min_texts
        In how many texts a character or pair must stand to be kept: what only one person wrote is forgotten.

    Raises
    ------
    HutongError
        ``too-few-examples`` with fewer than two classes or nothing that two texts share.
    """
    from sklearn.svm import LinearSVC

    vocabulary = make_vocabulary(texts, min_texts)
    if len(set(labels)) < 2 or not len(vocabulary.terms):
        raise HutongError(
            "too-few-examples",
            Text("可供学习的已分类诉求太少。", "There are too few labelled requests to learn from."),
            Text("至少需要两个类别，每类若干件。", "Give at least two classes with several requests each."),
        )
    machine = LinearSVC(C=cost, class_weight="balanced", random_state=seed & 0x7FFFFFFF, max_iter=5000)
    machine.fit(vectors(texts, vocabulary), np.asarray(labels, dtype=object).astype(str))
    weights, offsets = np.asarray(machine.coef_, float), np.asarray(machine.intercept_, float).ravel()
    if len(weights) == 1:  # two classes are told apart by one plane
        weights, offsets = np.vstack([-weights, weights]), np.concatenate([-offsets, offsets])
    said = {"texts": len(texts), "seed": seed, "cost": cost, "min_texts": min_texts, **(about or {})}
    return Model(tuple(str(c) for c in machine.classes_), vocabulary, weights, offsets, said)


def by_keywords(texts: Sequence[str], taxonomy: Taxonomy | None = None) -> pd.DataFrame:
    """Return ``category`` and ``margin`` by the taxonomy's keywords: longer words weigh more, none means other."""
    classes = (taxonomy or load_taxonomy()).classes
    scored = [
        [float(sum(len(k) for k in one.keywords if k.lower() in text)) for one in classes]
        for text in (for_keywords(t) for t in texts)
    ]
    score = np.array(scored).reshape(len(texts), len(classes))
    names = np.array([c.id for c in classes], dtype=object)
    best = score.argmax(axis=1) if len(texts) else np.zeros(0, int)
    ordered = np.sort(score, axis=1)
    category = np.where(ordered[:, -1] > 0, names[best], OTHER)
    return pd.DataFrame({"category": category, "margin": ordered[:, -1] - ordered[:, -2]})


def for_keywords(text: str) -> str:
    """Return a text as keywords are looked up in it."""
    return even_out(text).replace(" ", "").lower()


def classify(
    texts: Sequence[str], model: Model | None = None, taxonomy: Taxonomy | None = None
) -> pd.DataFrame:
    """Return ``category``, ``margin`` (by how much the best class leads) and ``method`` (model | keywords)."""
    if model is None:
        return by_keywords(texts, taxonomy).assign(method="keywords")
    score = model.scores(texts)
    ordered = np.sort(score, axis=1)
    category = np.array(model.classes, dtype=object)[score.argmax(axis=1)] if len(texts) else []
    return pd.DataFrame({"category": category, "margin": ordered[:, -1] - ordered[:, -2], "method": "model"})


def save_model(model: Model, path: Path, force: bool = False) -> Path:
    """Write a model as .npz in one step; the same model gives the same bytes.

    Raises
    ------
    HutongError
        ``exists`` if the file is there and ``force`` is not set.
    """
    if path.exists() and not force:
        raise already_there(path)
    buffer = io.BytesIO()
    words = np.frombuffer(
        json.dumps({"words": model._words(), "sha256": model.hash}).encode(), dtype=np.uint8
    )
    np.savez_compressed(buffer, allow_pickle=False, words=words, **model._arrays())
    work = path.with_name(f".{path.name}.part")
    try:
        work.write_bytes(buffer.getvalue())
        os.replace(work, path)
    finally:
        work.unlink(missing_ok=True)
    return path


def load_model(path: Path) -> Model:
    """Read a model; nothing in the file is run.

    Raises
    ------
    HutongError
        ``model-broken`` if the file is not a model, or its content does not fit its hash.
    """
    try:
        with np.load(path, allow_pickle=False) as held:
            outer = json.loads(held["words"].tobytes())
            words = json.loads(outer["words"])
            arrays = {name: held[name] for name in _ARRAYS}
        if words["format"] != FORMAT:
            raise _broken(path)
        model = Model(
            tuple(words["classes"]),
            Vocabulary(arrays["terms"].astype(np.int64), arrays["idf"]),
            arrays["weights"],
            arrays["offsets"],
            words["about"],
        )
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, EOFError) as caught:
        raise _broken(path) from caught
    shape = (len(model.classes), len(model.vocabulary.terms))
    if model.hash != outer["sha256"] or model.weights.shape != shape:
        raise _broken(path)
    return model


def _broken(path: Path) -> HutongError:
    return HutongError(
        "model-broken",
        Text(f"{path} 不是完好的分类模型。", f"{path} is not a sound model of requests."),
        Text("请用 hutong requests train 重新训练。", "Train it again with hutong requests train."),
    )
