"""The page put together: every section's view, the style, the script and the policy that allows no other."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files as package_files
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from hutong.city import City
from hutong.evolve.experiments import Experiment
from hutong.evolve.results import Ensemble
from hutong.plan.results import Plan
from hutong.report import experiments as questions
from hutong.report.counts import ConsentCount
from hutong.report.format import bi, bi_svg, both
from hutong.report.opinions import ReportOpinions
from hutong.report.sections import (
    certainty,
    consent,
    future,
    method,
    national,
    overview,
    place,
    problems,
    schemes,
)
from hutong.report.sections import counts as standing
from hutong.report.sections import opinions as talk
from hutong.report.words import glossary, word
from hutong.rules import Rules
from hutong.sense.city_scale import CityFigures
from hutong.sense.results import Checkup
from hutong.text import Text


def asset(name: str) -> str:
    """Return a file of the page: its style or a script."""
    return package_files(__package__).joinpath("templates", name).read_text("utf-8")


def _final(value: Any) -> Any:
    return bi(value) if isinstance(value, Text) else value


def _term(key: str) -> Markup:
    """Return a word with its explanation, shown when it is pointed at or reached by keyboard."""
    title, means = glossary()[key]
    return Markup('<span class="term" tabindex="0">{}<span class="tip" role="note">{}</span></span>').format(
        bi(title), bi(means)
    )


@cache
def environment() -> Environment:
    """Return the templates with their filters; every value is escaped, and a missing one is an error."""
    env = Environment(
        loader=PackageLoader(__package__, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_final,
    )
    env.filters.update(bi=bi, bi_svg=bi_svg, both=both)
    env.globals.update(word=word, term=_term, Text=Text, t=Text)
    return env


def policy(script: str) -> str:
    """Return the content security policy of the page: its own style and script, and nothing from anywhere else."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _made(made_at: dt.datetime | str | None) -> str | None:
    if made_at is None or isinstance(made_at, str):
        return made_at
    return made_at.isoformat(timespec="seconds")


def render(
    city: City,
    rules: Rules,
    check: Checkup,
    plan: Plan,
    ensemble: Ensemble,
    made_at: dt.datetime | str | None = None,
    *,
    opinions: ReportOpinions | None = None,
    counts: Sequence[ConsentCount] = (),
    figures: CityFigures | None = None,
    experiments: Sequence[Experiment] = (),
    files: Mapping[str, str | Sequence[str]] = MappingProxyType({}),
) -> str:
    """Return the report on a quarter as one HTML page.

    The same results give the same bytes; ``made_at`` is the only thing that may differ and stands in one
    ``time`` element, which is absent without it.

    Parameters
    ----------
    city, rules, check, plan, ensemble
        The results of one pass of the loop.
    made_at
        When the page was made, as a date and time or in ISO form.
    opinions
        A conversation with the residents or others, shown in section 4 (:func:`~hutong.report.opinions_from_files`).
    counts
        Votes as far as they have come, shown in section 4 (:func:`~hutong.report.counts_from_file`).
    figures
        Figures of the whole city for the national check (:func:`~hutong.sense.city_scale.read_city_figures`).
    experiments
        Questions put to the model, shown in section 5 (``hutong evolve experiment``).
    files
        Options of ``hutong report`` that named further files, for the line that makes the page again.
    """
    leading = overview.leading(plan)
    there = place.view(city, check, plan)
    drawn = there["drawn"]
    script = (asset("speak.js") + asset("page.js")).strip()
    html = (
        environment()
        .get_template("page.html.j2")
        .render(
            policy=policy(script),
            style=Markup(asset("page.css") + asset("agree.css") + asset("national.css")),  # noqa: S704 (the package's own file)
            script=Markup(script),  # noqa: S704 (the package's own file)
            made_at=_made(made_at),
            head=overview.view(city, check, plan),
            place=there,
            problems=problems.view(city, rules, check, plan, drawn),
            national=national.view(check, figures),
            schemes=schemes.view(city, plan),
            consent=consent.view(city, leading, plan, rules, drawn, schemes.estate_names(city)),
            counts=standing.view(counts),
            opinions=None if opinions is None else talk.view(opinions),
            leading=leading.id,
            future=future.view(ensemble),
            experiments=questions.views(experiments),
            certainty=certainty.view(city, rules, plan, ensemble),
            method=method.view(
                city, rules, plan, ensemble, {**({} if opinions is None else opinions.files), **files}
            ),
            glossary=glossary(),
        )
    )
    return html + "\n"
