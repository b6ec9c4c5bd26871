"""How a gap in walking access is told."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hutong.sense.services import Service
from hutong.text import Text, number, percent

_WHO = {
    "residents": (Text("居民", "residents"), "人"),
    "elders": (Text("老年人", "older people"), "名"),
    "children": (Text("儿童", "children"), "名"),
}
_ONE = {"residents": "resident", "elders": "older person", "children": "child"}


def place_text(first: Sequence[Text], places: int, share: float, scale: str) -> Text:
    """Return where a gap lies: one place, one with what surrounds it, or several.

    Parameters
    ----------
    first
        The places with most of its dwellings, most first (two are enough).
    places
        In how many places it lies.
    share
        Share of its dwellings in the first.
    """
    if share == 1:
        return first[0]
    if share >= 0.5 or places == 1:
        return Text(f"{first[0].zh}等处", f"{first[0].en} and around")
    zh, en = {"estate": ("小区", "estates"), "block": ("街区", "blocks")}[scale]
    if places == 2:
        return Text(f"{first[0].zh}、{first[1].zh}", f"{first[0].en} and {first[1].en}")
    more = f"{places - 2} more {en if places > 3 else en[:-1]}"
    return Text(f"{first[0].zh}、{first[1].zh}等 {places} 个{zh}", f"{first[0].en}, {first[1].en} and {more}")


def gap_text(
    service: Service,
    who: str,
    minutes: float,
    metres: float,
    place: Text,
    dwellings: int,
    people: float,
    edge: float,
    site_serves: int,
    reuse: tuple[str, int] | None,
) -> Text:
    """Return the sentence of a gap: how many, where, without what, and what a site would mend.

    Parameters
    ----------
    dwellings, people
        How many are without the service; people may be NaN (unknown).
    edge
        Share of the dwellings that may be served from outside the map.
    site_serves
        Dwellings that the best site would serve.
    reuse
        The best idle building and the dwellings it would serve.
    """
    noun, counter = _WHO[who]
    heads_zh = heads_en = ""
    if not math.isnan(people):
        heads_zh = f"（{noun.zh} {number(people, 'zh')} {counter}）"
        heads_en = f" ({number(people)} {_ONE[who] if people == 1 else noun.en})"
    pace_zh = "老年人步行" if who == "elders" else "步行"
    pace_en = "a walk of {} minutes at an older person's pace" if who == "elders" else "a walk of {} minutes"
    pace_en = pace_en.format(f"{minutes:g}")
    name = service.name.en[0].lower() + service.name.en[1:]
    homes = "1 dwelling" if dwellings == 1 else f"{number(dwellings)} dwellings"
    have = "has" if dwellings == 1 else "have"
    zh = (
        f"{place.zh}：{number(dwellings, 'zh')} 套住房{heads_zh}"
        f"{pace_zh} {minutes:g} 分钟（{number(metres, 'zh')} 米）内没有{service.name.zh}。"
    )
    en = f"{place.en}: {homes}{heads_en} {have} no {name} within {pace_en} ({number(metres)} m)."
    if site_serves == dwellings:
        zh += "在建议位置设一处，可全部服务。"
        en += " One at the suggested site would serve all of them."
    elif site_serves:
        zh += f"在建议位置设一处，可服务其中 {number(site_serves, 'zh')} 套。"
        en += f" One at the suggested site would serve {number(site_serves)} of them."
    if reuse is not None:
        zh += f"利用闲置房屋 {reuse[0]}，可服务 {number(reuse[1], 'zh')} 套。"
        en += f" Using the idle building {reuse[0]} would serve {number(reuse[1])}."
    if edge == 1:
        zh += "这些住房都靠近地图边缘，可能由图外的设施服务。"
        en += " All these dwellings lie near the map's edge and may be served from outside it."
    elif edge:
        zh += f"这些住房的 {percent(edge, 'zh')} 靠近地图边缘，可能由图外的设施服务。"
        en += (
            f" {percent(edge)} of these dwellings lie near the map's edge and may be served from outside it."
        )
    return Text(zh, en)
