"""What is on record of each home: areas, kitchen and toilet, title, and what keeps it off its roll."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from hutong.agree.home_statement import Line, Part
from hutong.city import City
from hutong.sense.title_rule import gap_book, home_titles, roll_gaps
from hutong.text import Text, number, written_day

_AREAS = ("deed_cm2", "lease_cm2", "self_built_cm2")
_KNOWN = ("own_kitchen", "own_toilet")
_ORIGINS = np.array(["", "observed", "imputed", "assumed"], dtype=object)


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """A home as it stands in a snapshot: areas in whole cm², None where unknown; ``origin`` says which cells are guesses.

    ``roll`` is the roll that its household stands on: lessees, owners, or "" where neither is known; ``gaps`` keep it off.
    """

    dwelling_id: str
    tenure: str
    unit: str
    state: str
    roll: str
    gaps: tuple[str, ...]
    deed_cm2: int | None
    lease_cm2: int | None
    self_built_cm2: int | None
    own_kitchen: bool | None
    own_toilet: bool | None
    courtyard: bool | None
    as_of: str
    origin: Mapping[str, str]

    @property
    def counts_cm2(self) -> int | None:
        """The area that counts on its roll: leased on that of lessees, else by deed."""
        return self.lease_cm2 if self.roll == "lessees" else self.deed_cm2

    def plain(self) -> dict[str, Any]:
        """Return the facts as they are stored."""
        return {**asdict(self), "gaps": list(self.gaps), "origin": dict(self.origin)}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> HomeFacts:
        """Return facts from how they are stored."""
        return cls(**{**stored, "gaps": tuple(stored["gaps"])})


def home_facts(city: City) -> Iterator[HomeFacts]:
    """Yield the facts of every home of a snapshot, in the row order of ``dwellings``."""
    homes, dwellings = home_titles(city), city["dwellings"]
    gaps = {act: roll_gaps(city, act) for act in ("lessees", "owners")}
    form = city["buildings"].set_index("building_id")["form"].reindex(dwellings["building_id"]).to_numpy()
    names = np.array(list(gap_book()), dtype=object)
    origins = {c: _ORIGINS[city.origin("dwellings", c).astype(np.int64) + 1] for c in (*_AREAS, *_KNOWN)}
    cells = {c: dwellings[c].tolist() for c in (*_AREAS, *_KNOWN)}
    for i, home in enumerate(homes.itertuples(index=False)):
        roll = next((act for act, g in gaps.items() if g.concerned[i]), "")
        known: dict[str, Any] = {
            c: None if pd.isna(cells[c][i]) else round(float(cells[c][i])) for c in _AREAS
        }
        known |= {c: None if pd.isna(cells[c][i]) else bool(cells[c][i]) for c in _KNOWN}
        yield HomeFacts(
            dwelling_id=str(home.dwelling_id), tenure=str(home.tenure), unit=str(home.managing_unit), state=str(home.state),
            roll=roll, gaps=tuple(names[gaps[roll].holds[i]].tolist()) if roll else (),
            courtyard=None if pd.isna(form[i]) else bool(form[i] == "courtyard"), as_of=city.meta.date,
            origin={c: str(o[i]) for c, o in origins.items() if o[i]}, **known,
        )  # fmt: skip


def on_record(facts: HomeFacts, column: str, said: Text) -> Line:
    """Return a sentence that rests on a cell of the snapshot, marked as a guess where the cell is one."""
    origin = facts.origin.get(column, "observed")
    if origin == "observed":
        day = written_day(dt.date.fromisoformat(facts.as_of))
        return Line(said, "fact", Text(f"{day.zh}登记数据", f"on record, {day.en}"))
    how = (
        Text("按同类住房推算", "reckoned from like homes")
        if origin == "imputed"
        else Text("假设", "assumption")
    )
    return Line(said, "assumed", Text(f"{how.zh}，以证件为准", f"{how.en}; the papers decide"))


def m2(cm2: int) -> tuple[str, str]:
    """Return an area as people read it in each language."""
    return f"{number(cm2 / 10_000, 'zh', 2)} ㎡", f"{number(cm2 / 10_000, digits=2)} m²"


def area_part(facts: HomeFacts) -> Part:
    """Return how large a home is by lease and by deed, what was built on, and which of it counts."""
    gap = gap_book()["area_unknown"]
    lines = []
    for column, zh, en in (
        ("lease_cm2", "承租面积", "Leased area"),
        ("deed_cm2", "产权证面积", "Area by deed"),
    ):
        area, mine = getattr(facts, column), (column == "lease_cm2") == (facts.roll == "lessees")
        if area:
            shown = m2(area)
            lines.append(on_record(facts, column, Text(f"{zh} {shown[0]}。", f"{en}: {shown[1]}.")))
        elif mine:
            lines.append(Line(Text(f"{zh}未知；可用：{gap.documents.zh}。", f"{en}: unknown; {gap.documents.en} would show it."), "unknown", ask=gap.who))  # fmt: skip
    lines.append(_self_built(facts))
    counts = facts.counts_cm2
    if counts:
        zh, en = m2(counts)
        by = (
            Text("承租人按租赁合同上的面积签约", "lessees sign by the area of the lease")
            if facts.roll == "lessees"
            else Text(
                "业主按产权证面积表决（《民法典》第二百七十八条）",
                "owners vote by the area of the deed (Civil Code art. 278)",
            )
        )
        lines.append(Line(Text(f"算数的是 {zh}。", f"What counts is {en}."), "rule", by))
    return Part("areas", tuple(lines))


def _self_built(facts: HomeFacts) -> Line:
    area = facts.self_built_cm2
    if area is None:
        return Line(Text("有没有自建房：未知。", "Whether anything was built on: unknown."), "unknown", ask=Text("街道、管理单位", "the subdistrict, the managing unit"))  # fmt: skip
    if not area:
        return on_record(
            facts, "self_built_cm2", Text("没有登记的自建房。", "Nothing built on is on record.")
        )
    zh, en = m2(area)
    return on_record(
        facts, "self_built_cm2",
        Text(f"自建 {zh}：不计入表决和签约面积；能否补偿，看项目公告。", f"Built on: {en}. It counts for no vote and no signing; whether it is paid for, the project's announcement says."),
    )  # fmt: skip
