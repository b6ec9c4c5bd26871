"""What a scheme means for one home, as parts of the page that its household reads: each line says that it is the scheme's, or a guess."""

from __future__ import annotations

from hutong.agree.home_statement import Line, Part
from hutong.plan.statement import DwellingStatement
from hutong.text import Text

#: Which question of the household each part of a statement answers, and what its lines are. Money and time are reckoned
#: from the catalogue's assumptions; what is done, what may be chosen and what can follow stand in the scheme and the rules.
_ANSWERS = {
    "changes": ("changes", "offer"), "pays": ("money", "assumed"), "gets": ("money", "assumed"),
    "takes": ("when", "assumed"), "choices": ("choices", "rule"), "refusal": ("refusal", "rule"),
}  # fmt: skip


#: One offer holds for an object of a scheme, so for all who live there.
_SAME = Text(
    "方案对这栋楼（这个院）里产权类型相同的人家用同样的条件。",
    "The scheme has the same terms for all households of the same tenure in this building or courtyard.",
)


def scheme_parts(statement: DwellingStatement) -> tuple[Part, ...]:
    """Return a statement as parts of the page of a home."""
    name = Text(
        f"方案“{statement.scheme.zh}”，版本 {statement.version}",
        f"scheme “{statement.scheme.en}”, version {statement.version}",
    )
    rests = {
        "offer": name,
        "assumed": Text(
            f"{name.zh}；按假设的造价和工期估算", f"{name.en}; reckoned from assumed costs and times"
        ),
        "rule": Text(
            f"{name.zh}；{statement.tenure.zh}的程序", f"{name.en}; procedure: {statement.tenure.en}"
        ),
    }
    parts = []
    for part in statement.parts:
        question, kind = _ANSWERS[part.id]
        parts.append(Part(question, tuple(Line(said, kind, rests[kind]) for said in part.lines)))
    if statement.touched:
        parts.append(Part("likes", (Line(_SAME, "offer", name),)))
    return tuple(parts)
