"""What an evaluation asks residents, and how its verdicts are called and marked."""

from __future__ import annotations

from hutong.text import Text

#: What residents are asked of the works, 1 (not at all) to 5 (fully).
ITEMS = {
    "kept": Text("当初说好的，做到了吗？", "Was what was promised done?"),
    "better": Text("现在住得比以前好吗？", "Do you live better than before?"),
    "fair": Text("过程公平、听了居民的话吗？", "Was it fair, and were residents heard?"),
    "again": Text("再来一次，您还会同意吗？", "Would you agree to it again?"),
}
SCORES = (
    Text("完全没有", "not at all"), Text("不太", "hardly"), Text("一般", "partly"), Text("比较", "mostly"), Text("完全", "fully"),
)  # fmt: skip
GROUPS = {"resident_owner": Text("业主", "Owners"), "resident_tenant": Text("承租人", "Tenants")}
#: Verdict -> mark and words.
EFFECTS = {
    "as_planned": ("good", Text("与计划相符", "as planned")),
    "more": ("good", Text("好于计划", "more than planned")),
    "less": ("warn", Text("不及计划", "less than planned")),
    "unknown": ("unknown", Text("无法判断", "cannot be told")),
}
CHANGES = {
    "better": ("good", Text("好转", "better")),
    "worse": ("warn", Text("变差", "worse")),
    "same": ("same", Text("不变", "same")),
    "unknown": ("unknown", Text("无法判断", "cannot be told")),
}
