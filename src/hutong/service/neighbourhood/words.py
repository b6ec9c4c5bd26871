"""What neighbours write, and what the survey of belonging asks."""

from __future__ import annotations

from hutong.text import Text

KINDS = {
    "notice": Text("通知", "Notice"),
    "help": Text("搭把手", "A hand"),
    "event": Text("活动", "Event"),
}
#: Our items of belonging, answered from 1 (not at all) to 5 (wholly). Confidence U: no published scale stands behind them.
ITEMS = {
    "part": Text("我觉得自己是这里的一分子", "I feel part of this place"),
    "help": Text("遇到难处，邻居会帮忙", "In need, neighbours would help me"),
    "stay": Text("我愿意一直住在这里", "I would like to go on living here"),
    "voice": Text("这里的事，我说得上话", "I have a say in what happens here"),
}
SCORES = range(1, 6)
AGES = {
    "under_35": Text("35 岁以下", "Under 35"),
    "35_59": Text("35–59 岁", "35 to 59"),
    "60_up": Text("60 岁及以上", "60 and over"),
}
TENURES = {"resident_owner": Text("业主", "Owners"), "resident_tenant": Text("承租人", "Tenants")}
