"""One plain sentence for each lever, from the table that the figures come from."""

import pandas as pd

from hutong.evolve.contrast import OUTCOMES
from hutong.evolve.experiments import Experiment
from hutong.report.plain_levers import plain
from hutong.text import Text


def _found(name="levers", **means):
    """An experiment with one lever; each outcome's mean has an interval of ± 0.01."""
    lever = Text("议事", "Councils")
    rows = [
        {"id": "councils", "lever": lever, "outcome": OUTCOMES[k], "mean": m, "mean_low": m - 0.01, "mean_high": m + 0.01}
        for k, m in means.items()
    ]  # fmt: skip
    none = Text("", "")
    return Experiment(name, none, none, (), pd.DataFrame(rows), {}, {"months": 120})


def test_households_are_counted_and_the_rest_is_weighed():
    (told,) = plain(_found(done=0.287, support=-0.145, value=0.057, governance=0.0155, fabric=0.12))
    assert told.en == (
        "Councils: 10 years on, compared with today’s ways, 29 more households in 100 have their works finished; "
        "14 fewer households in 100 are in favour; what people and the quarter gain is better; "
        "how matters are run together is slightly better; homes and services are clearly better."
    )
    assert told.zh == (
        "议事：10 年后与现状相比，每百户多 29 户完成工程，每百户少 14 户支持，居民和片区的所得更好，"
        "办事与共治略好，房屋和服务明显更好。"
    )


def test_what_is_alike_is_said_together_and_where_nothing_was_found_is_said_so():
    (told,) = plain(_found(done=0.012, support=0.004, value=-0.057, governance=-0.05))
    assert "1 more household in 100 has its works finished" in told.en
    assert "what people and the quarter gain and how matters are run together are worse." in told.en
    assert told.en.endswith("No effect was found on support.")
    assert told.zh.endswith("没有发现对支持率的作用。")
    (silent,) = plain(_found(done=0.002, value=0.0))
    assert silent.en == "Councils: No effect was found on share completed, value."


def test_other_questions_have_no_levers():
    assert plain(_found("claims", done=0.3)) == []
