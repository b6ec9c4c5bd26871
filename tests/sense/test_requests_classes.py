"""Classes: features equal to scikit-learn's, models that are numbers only, scores on what was not seen."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.errors import HutongError
from hutong.sense.requests import (
    by_keywords,
    classify,
    evaluate,
    load_model,
    load_taxonomy,
    model_card,
    read_requests,
    save_model,
    train,
)
from hutong.sense.requests.clean import for_comparing
from hutong.sense.requests.evaluate import folds_of, scores
from hutong.sense.requests.features import make_vocabulary, vectors

from .request_noise import noisy
from .request_texts import TEMPLATES, labelled


def test_features_are_those_of_scikit_learn() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts, _ = labelled(200)
    texts += ["", "〔电话〕", "𠮷野家门口ABC漏水漏水漏水"]
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    theirs = vectorizer.fit_transform([for_comparing(t) for t in texts])
    vocabulary = make_vocabulary(texts, min_texts=2)
    ours = vectors(texts, vocabulary)

    def term(word: str) -> int:
        codes = [ord(c) for c in word]
        return codes[0] if len(codes) == 1 else (codes[0] << 21) | codes[1]

    order = np.argsort([term(w) for w in vectorizer.get_feature_names_out()])
    assert [term(w) for w in vectorizer.get_feature_names_out()[order]] == vocabulary.terms.tolist()
    np.testing.assert_allclose(ours.toarray(), theirs.toarray()[:, order], atol=1e-12)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=12), max_size=8))
def test_vectors_have_unit_length_or_none(texts: list[str]) -> None:
    made = vectors(texts, make_vocabulary(texts, min_texts=1)).toarray()
    length = np.linalg.norm(made, axis=1) if made.size else np.zeros(len(texts))
    for text, norm in zip(texts, length, strict=True):
        assert norm == pytest.approx(1.0 if for_comparing(text) else 0.0)


def test_predictions_are_those_of_scikit_learns_machine() -> None:
    from sklearn.svm import LinearSVC

    texts, labels = labelled(240)
    model = train(texts, labels, seed=3)
    machine = LinearSVC(class_weight="balanced", random_state=3, max_iter=5000)
    machine.fit(vectors(texts, model.vocabulary), labels)
    others, _ = labelled(100, seed=9)
    np.testing.assert_allclose(
        model.scores(others), machine.decision_function(vectors(others, model.vocabulary)), atol=1e-9
    )
    said = classify(others, model)
    assert said["category"].tolist() == machine.predict(vectors(others, model.vocabulary)).tolist()
    assert set(said["method"]) == {"model"}


def test_two_classes_are_told_apart_too() -> None:
    texts, labels = labelled(120)
    pair = [(t, c) for t, c in zip(texts, labels, strict=True) if c in ("供暖", "停车管理")]
    model = train([t for t, _ in pair], [c for _, c in pair])
    assert model.weights.shape[0] == 2
    assert classify(["暖气不热，室温低", "车位紧张乱停车"], model)["category"].tolist() == [
        "供暖",
        "停车管理",
    ]


def test_a_saved_model_is_the_same_model(tmp_path: Path) -> None:
    texts, labels = labelled(150)
    model = train(texts, labels, about={"from": "测试"})
    first = save_model(model, tmp_path / "a.npz").read_bytes()
    again = save_model(train(texts, labels, about={"from": "测试"}), tmp_path / "b.npz").read_bytes()
    assert first == again
    read = load_model(tmp_path / "a.npz")
    assert read.hash == model.hash
    assert read.about["from"] == "测试"
    np.testing.assert_array_equal(read.scores(texts), model.scores(texts))
    with pytest.raises(HutongError) as caught:
        save_model(model, tmp_path / "a.npz")
    assert caught.value.code == "exists"
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_a_model_that_was_altered_or_is_a_pickle_is_refused(tmp_path: Path) -> None:
    texts, labels = labelled(100)
    model = train(texts, labels)
    path = save_model(model, tmp_path / "m.npz")
    with np.load(path) as held:
        parts = {name: held[name] for name in held.files}
    parts["weights"] = parts["weights"] + 1e-6
    np.savez(tmp_path / "altered.npz", **parts)
    parts["weights"] = np.array([{"evil": 1}], dtype=object)
    np.savez(tmp_path / "object.npz", **parts)
    (tmp_path / "pickle.npz").write_bytes(pickle.dumps({"a": 1}))
    (tmp_path / "short.npz").write_bytes(path.read_bytes()[:200])
    (tmp_path / "empty.npz").write_bytes(b"")
    for name in ("altered", "object", "pickle", "short", "empty", "none"):
        with pytest.raises(HutongError) as caught:
            load_model(tmp_path / f"{name}.npz")
        assert caught.value.code == "model-broken"


def test_too_little_to_learn_from_is_said() -> None:
    with pytest.raises(HutongError, match="too few"):
        train(["漏水", "渗水"], ["a", "a"])
    with pytest.raises(HutongError, match="too few"):
        evaluate(["漏水"] * 20 + ["停车"] * 20, ["a"] * 20 + ["b"] * 20)


def test_keywords_are_a_start_and_say_other_where_they_know_nothing() -> None:
    texts, labels = labelled(200)
    book = load_taxonomy()
    said = by_keywords(texts)
    right = [said["category"][i] == book.find(c).id for i, c in enumerate(labels)]  # type: ignore[union-attr]
    assert np.mean(right) > 0.85
    assert by_keywords(["今天天气不错", ""])["category"].tolist() == ["other", "other"]
    assert by_keywords([]).empty
    assert classify(["屋顶漏水"])["method"].tolist() == ["keywords"]


def test_scores_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    rng = np.random.default_rng(4)
    true = rng.choice(list("abcd"), 300, p=[0.5, 0.3, 0.19, 0.01])
    said = np.where(rng.random(300) < 0.7, true, rng.choice(list("abc"), 300))
    table, confusion = scores(true, said)
    p, r, f, n = precision_recall_fscore_support(true, said, labels=list("abcd"), zero_division=0)
    np.testing.assert_allclose(
        table[["precision", "recall", "f1", "n"]].to_numpy(), np.column_stack([p, r, f, n])
    )
    np.testing.assert_array_equal(confusion.to_numpy(), confusion_matrix(true, said, labels=list("abcd")))


def test_identical_texts_stay_in_one_fold_and_folds_are_stratified() -> None:
    texts, labels = labelled(500)
    fold = folds_of(texts, labels, 5, seed=1)
    held: dict[str, set[int]] = {}
    for text, number in zip(texts, fold, strict=True):
        held.setdefault(for_comparing(text), set()).add(int(number))
    assert all(len(folds) == 1 for folds in held.values())
    for label in TEMPLATES:
        sizes = np.bincount(fold[np.array(labels) == label], minlength=5)
        assert sizes.max() - sizes.min() <= 0.35 * sizes.sum()
    assert (fold == folds_of(texts, labels, 5, seed=1)).all()


def test_evaluation_is_on_the_unseen_and_beside_what_is_simpler() -> None:
    texts, labels = labelled(500)
    result = evaluate(texts, labels)
    assert result.macro_f1 > 0.9
    assert result.commonest_macro_f1 < 0.2
    assert 0.8 < result.keywords_macro_f1 <= 1
    assert result.confusion.to_numpy().sum() == result.n == 500
    rng = np.random.default_rng(0)
    noise = evaluate(texts, rng.permutation(labels).tolist())
    assert noise.macro_f1 < 0.35  # nothing to learn is not learned
    assert np.isnan(evaluate(texts, [f"x{c}" for c in labels]).keywords_macro_f1)
    rare = evaluate([*texts, "孤例"], [*labels, "孤类"])
    assert rare.left_out == ("孤类",)
    assert any("孤类" in line.zh for line in rare.lines())
    card = model_card(train(texts, labels), result, "工单.csv")
    for words in (card.zh, card.en):
        assert f"{result.macro_f1:.3f}" in words
        assert "SHA-256" in words
        assert "供暖" in words


def test_overlapping_words_and_clerks_who_err_cost_what_they_should() -> None:
    """On texts as hard as real ones the score is far from 1, above the keywords', and higher where clerks do not err."""
    texts, given, true = noisy(1500, seed=2)
    wrong = np.mean([a != b for a, b in zip(given, true, strict=True)])
    assert 0.05 < wrong < 0.11
    held = evaluate(texts, given)
    assert 0.60 < held.macro_f1 < 0.85
    assert held.accuracy < 1 - wrong  # nobody can foresee a clerk's slip
    assert held.macro_f1 > held.keywords_macro_f1 + 0.05
    assert held.macro_f1 > held.commonest_macro_f1 + 0.5
    assert max(held.macro_f1_by_fold) > min(held.macro_f1_by_fold)
    assert evaluate(texts, true).macro_f1 > held.macro_f1 + 0.02
    assert noisy(1500, seed=2) == (texts, given, true)


def test_scikit_learn_is_not_loaded_before_it_trains() -> None:
    code = "import sys, hutong.sense, hutong.sense.requests; print('sklearn' in sys.modules, 'openpyxl' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_labelled_requests_given_by_path() -> None:
    path = os.environ.get("HUTONG_REQUESTS_CSV")
    if not path:
        pytest.skip("HUTONG_REQUESTS_CSV names no labelled file")
    stated = os.environ.get("HUTONG_REQUESTS_COLUMNS", "")  # such as text=正文,category=标签
    columns = dict(pair.split("=", 1) for pair in stated.split(",") if pair)
    fields = ("title", "text", "category")
    read = read_requests(Path(path), columns=columns, fields=fields, leave_out_broken=True)
    known = read.table["category"].notna().to_numpy()
    texts = [w for w, k in zip(read.words(), known, strict=True) if k]
    result = evaluate(texts, read.table["category"][known].astype(str).tolist())
    assert result.macro_f1 > result.commonest_macro_f1 + 0.1
