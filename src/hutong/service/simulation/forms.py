"""The form of a question to the model."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from hutong.evolve.experiments import EXPERIMENTS, RUNS
from hutong.evolve.experiments.policy import LEVERS
from hutong.service.simulation.services import MOST_RUNS, MOST_YEARS, SCHEMES, VERSION
from hutong.service.simulation.words import SCHEME_TITLES, TITLES
from hutong.service.words import later, spoken


class QuestionForm(forms.Form):
    """What is asked of the model."""

    snapshot = forms.ChoiceField(label=later("快照", "Snapshot"))
    scheme = forms.ChoiceField(label=later("推演哪个方案", "Scheme that is run forward"))
    experiment = forms.ChoiceField(label=later("问什么", "Question"))
    levers = forms.MultipleChoiceField(
        label=later(
            "做法（第一个问题用；与现状比较）", "Levers (for the first question; compared with today)"
        ),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    runs = forms.IntegerField(
        label=later("每种情景推演多少次", "Runs of each setting"),
        min_value=2,
        max_value=MOST_RUNS,
        initial=RUNS["levers"],
        help_text=later(
            f"一般 {RUNS['levers']} 次；问预警信号宜 {RUNS['early-warning']} 次。",
            f"{RUNS['levers']} will mostly do; {RUNS['early-warning']} to ask for early signs.",
        ),
    )
    years = forms.IntegerField(
        label=later("推演多少年", "Years"), min_value=2, max_value=MOST_YEARS, initial=10
    )
    seed = forms.IntegerField(
        label=later("随机种子", "Random seed"),
        min_value=0,
        max_value=2**31 - 1,
        initial=1,
        help_text=later(
            "同样的问题、同样的种子，结果逐字相同。", "The same question and seed give the same digits."
        ),
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, snapshots: list[Any], versions: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [(str(s.pk), f"{spoken(s.place.title)} · {s.date}") for s in snapshots]
        self.fields["snapshot"].choices = rows
        solved = [(k, spoken(SCHEME_TITLES[k])) for k in ("balanced", *sorted(set(SCHEMES) - {"balanced"}))]
        drawn = [
            (f"{VERSION}{v.pk}", f"{v} {spoken(v.title)} · {v.scheme.run.snapshot.date}") for v in versions
        ]
        self.fields["scheme"].choices = solved + drawn
        self.fields["experiment"].choices = [(k, spoken(TITLES[k])) for k in TITLES if k in EXPERIMENTS]
        self.fields["levers"].choices = [(s.id, spoken(s.title)) for s in LEVERS if s.id != "today"]
        self.fields["levers"].initial = ["councils", "platform"]
        self.fields["token"].initial = uuid.uuid4
