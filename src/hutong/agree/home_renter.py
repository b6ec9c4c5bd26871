"""What a household that rents from a private owner is told: what is its own to pay, decide and bring, and what its landlord's."""

from __future__ import annotations

from collections.abc import Sequence

from hutong.agree.home_statement import Line, Part, home_words
from hutong.text import Text

#: What a home's owner alone is told: sums, votes and papers of title.
_OWNERS = ("money", "papers", "acting", "choices", "refusal")


def for_renter(parts: Sequence[Part], ask: Text) -> list[Part]:
    """Return the parts of a home for its private renter: the owner's questions answered as they stand for who rents."""
    words = home_words()["renter"]
    kept = [p for p in parts if p.id not in _OWNERS]
    for name in ("money", "papers", "choices", "refusal"):
        lines = (Line(Text.of(x["said"]), "rule", Text.of(x["source"])) for x in words[name])
        kept.append(Part(name, tuple(lines)))
    return [*kept, Part("meanwhile", (Line(Text.of(words["meanwhile"]), "unknown", ask=ask),))]
