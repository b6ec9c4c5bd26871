"""The words of the catalogue: groups, who must agree by tenure, and where a measure applies."""

from __future__ import annotations

from hutong.plan.results import Measure
from hutong.text import Text

_GROUPS = {
    "basic": Text("基础类", "Basic"),
    "improving": Text("完善类", "Improving"),
    "upgrading": Text("提升类", "Upgrading"),
    "courtyard": Text("院落类", "Courtyards"),
    "heritage": Text("保护类", "Heritage"),
    "public_space": Text("公共空间类", "Public space"),
    "digital": Text("数字类", "Digital"),
    "operation": Text("运营类", "Operation"),
    "industrial": Text("产业用房转用", "Industrial to new use"),
}
KINDS = {
    "building": Text("楼栋", "building"),
    "courtyard": Text("院落", "courtyard"),
    "estate": Text("小区或街区其余部分", "estate, or the rest of a block"),
}
#: What each consent is called, and the text it rests on.
MATTERS = {
    "ordinary": Text("业主过半数同意（《民法典》第二百七十八条第二款）", "more than half of the participating owners (Civil Code art. 278(2))"),
    "special": Text("参与表决业主四分之三以上同意（《民法典》第二百七十八条第一款第六至八项、第二款）", "three quarters of the participating owners (Civil Code art. 278(1)(6)–(8), (2))"),
    "signing": Text("逐户签约（改建协议）", "every household signs (rebuilding agreement)"),
    "surrender": Text("承租人自愿申请", "tenants apply of their own will"),
    "none": Text("不需表决", "no vote"),
}  # fmt: skip
#: Tenures in which an owner unit signs for the rooms that it lets.
_UNIT = Text(
    "公房：产权单位按其房屋面积作为一名业主参加，并征求承租人意愿",
    "public housing: the managing unit takes part as one owner of its rooms, and tenants are asked",
)


def group_title(group: str) -> Text:
    """Return what a group of measures is called."""
    return _GROUPS[group]


def signatures(measure: Measure) -> dict[str, Text]:
    """Return whose agreement a measure needs: ``owners`` (own homes) and ``leased`` (public housing)."""
    if measure.matter == "none":
        free = Text("不需表决；入户须本人同意", "no vote; nobody enters a home without its household's word")
        free = free if measure.voluntary else MATTERS["none"]
        return {"owners": free, "leased": free}
    if measure.matter == "surrender":
        return {"owners": Text("不适用", "does not apply"), "leased": MATTERS["surrender"]}
    return {"owners": MATTERS[measure.matter], "leased": _UNIT}
