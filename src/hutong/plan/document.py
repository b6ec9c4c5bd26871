"""A scheme as a document: what is done where and on which offer, with instruments, phasing, terms and reasons.

A document is a whole: it is read or refused as one, and its version is the hash of all that bears on the result.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from hutong.plan.results import Scheme
from hutong.text import Text

#: Form of the document; a reader refuses a newer one.
FORM = 1
#: Terms that a document may set, with the rule or assumption that holds where it does not.
TERMS = ("concession_years", "surplus_share_owners")
#: Instruments that a document may use.
INSTRUMENTS = ("far_bonus", "uncounted")


@dataclass(frozen=True, slots=True)
class Choice:
    """What is done at one object: measures by id, the offer, and the year in which works begin (0 is now)."""

    measures: tuple[str, ...]
    offer: str
    year: int = 0

    @property
    def package(self) -> str:
        """The measures joined by ``+``, in alphabetical order."""
        return "+".join(sorted(self.measures))


@dataclass(frozen=True, slots=True)
class Uncounted:
    """New floor area of an object that may not count: its kind (``far.uncounted.*``) and size."""

    kind: str
    m2: float


@dataclass(frozen=True)
class SchemeDocument:
    """One version of a scheme.

    Parameters
    ----------
    choices
        By object id (building, courtyard, estate or block).
    far_bonus
        Bonus on the floor area of the unit that the authority has granted, as a share.
    uncounted
        New floor area that may not count, by object.
    terms
        Terms of the operation (:data:`TERMS`); what is not given holds as in the assumptions.
    budget
        Public money by payer (``city``, ``district``), yuan; empty: none was set.
    justifications
        Recorded reasons for passing limits in principle, by rule.
    based_on
        The version that this one was edited from ("" for the first).
    """

    id: str
    title: Text
    city: str = ""
    snapshot: str = ""
    jurisdiction: str = ""
    choices: Mapping[str, Choice] = field(default_factory=dict)
    far_bonus: float = 0.0
    uncounted: Mapping[str, Uncounted] = field(default_factory=dict)
    terms: Mapping[str, float] = field(default_factory=dict)
    budget: Mapping[str, float] = field(default_factory=dict)
    justifications: Mapping[str, Text] = field(default_factory=dict)
    note: Text = Text("", "")  # noqa: RUF009 (frozen)
    based_on: str = ""

    def __post_init__(self) -> None:
        for name in ("choices", "uncounted", "terms", "budget", "justifications"):
            object.__setattr__(self, name, MappingProxyType(dict(sorted(getattr(self, name).items()))))

    @property
    def version(self) -> str:
        """The first twelve hex digits of the SHA-256 of the canonical JSON of what bears on the result.

        Titles, notes and the version that it was edited from do not.
        """
        text = json.dumps(
            {
                "city": self.city,
                "snapshot": self.snapshot,
                "jurisdiction": self.jurisdiction,
                "choices": {k: [sorted(c.measures), c.offer, c.year] for k, c in self.choices.items()},
                "far_bonus": self.far_bonus,
                "uncounted": {k: [u.kind, u.m2] for k, u in self.uncounted.items()},
                "terms": dict(self.terms),
                "budget": dict(self.budget),
                "justifications": {k: [t.zh, t.en] for k, t in self.justifications.items()},
            },
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        )
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def put(self, object_id: str, choice: Choice | None) -> SchemeDocument:
        """Return the document with another choice at one object (None: left as it is), based on this one."""
        choices = {k: v for k, v in self.choices.items() if k != object_id}
        if choice is not None:
            choices[object_id] = choice
        return replace(self, choices=choices, based_on=self.version)


def document_of(
    scheme: Scheme,
    *,
    city: str = "",
    snapshot: str = "",
    jurisdiction: str = "",
    budget: Mapping[str, float] | None = None,
) -> SchemeDocument:
    """Return a scheme that was solved for as a document, to be kept or worked on."""
    choices = {
        str(row.object_id): Choice(
            tuple(str(row.package).split("+")), str(row.offer), int(getattr(row, "start_year", 0))
        )
        for row in scheme.choices.itertuples(index=False)
    }
    terms = {k: float(scheme.terms[k]) for k in TERMS if k in scheme.terms}
    return SchemeDocument(
        scheme.id, scheme.title, city, snapshot, jurisdiction, choices, terms=terms, budget=budget or {}
    )
