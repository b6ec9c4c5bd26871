"""The scheme that an experiment's runs are of is kept beside them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd

from hutong.city import make_quarter
from hutong.cli.experiments import _scheme
from hutong.evolve.store import RECIPE
from hutong.loop import EVOLVED, Settings, rules_for
from hutong.plan import make_plan
from hutong.plan.document_file import read_scheme, to_yaml
from hutong.sense import checkup


def test_what_was_begun_goes_on_with_its_scheme(tmp_path: Path) -> None:
    city = make_quarter(dwellings=300, seed=1)
    rules = rules_for(city, Settings())

    def ask(resume: bool, budget: float | None = None):
        return _scheme(city, rules, 1, budget, tmp_path / "asked", resume, lambda *_: None)

    begun = ask(False)
    solved = make_plan(city, checkup(city, rules), rules, seed=1).scheme(EVOLVED)
    for mine, theirs in ((begun.choices, solved.choices), (begun.flows, solved.flows)):
        names = [c for c in theirs if c in mine]
        pd.testing.assert_frame_equal(
            mine[names].reset_index(drop=True), theirs[names].reset_index(drop=True), check_dtype=False
        )
    # a search that ended elsewhere would leave another scheme; what is in the folder is what goes on
    path = tmp_path / "asked" / "scheme-1-any.yaml"
    document = read_scheme(path)
    fewer = dataclasses.replace(document, choices=dict(list(document.choices.items())[1:]))
    path.write_text(to_yaml(fewer), "utf-8")
    assert len(ask(True).choices) == len(begun.choices) - 1
    (tmp_path / "asked" / RECIPE).write_text("{}", "utf-8")
    assert len(ask(False).choices) == len(begun.choices)
    assert (
        len(read_scheme(path).choices) == len(begun.choices) - 1
    )  # runs lie there: their scheme is left alone
    assert len(ask(True, budget=2e8).choices) > 0
    assert not (tmp_path / "asked" / "scheme-1-200000000.yaml").exists()
