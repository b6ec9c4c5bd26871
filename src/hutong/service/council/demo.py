"""A process for the demo quarter: statements, paper cards of made-up camps, what was published, and answers."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone

from hutong.rng import generator
from hutong.service.accounts.models import User
from hutong.service.council import services
from hutong.service.council.drafts import services as drafts
from hutong.service.council.services import NewProcess, NewStatement
from hutong.service.places.models import Place
from hutong.service.requests.models import Unit
from hutong.text import Text

#: Cards on paper, and how many days ago they were filled in.
CARDS, AGO = 72, 21
#: Statements, whether a proposal, and how likely each of two camps agrees (made up).
STATEMENTS = (
    ("楼门口和楼道要装扶手", "proposal", (0.95, 0.92)),
    ("先修漏水的管道，再谈美化", "statement", (0.9, 0.88)),
    ("院里的空地应当划成停车位", "statement", (0.9, 0.12)),
    ("院里的空地应当留给老人和孩子", "statement", (0.15, 0.93)),
    ("加装电梯，每户该出一部分钱", "statement", (0.35, 0.7)),
    ("路灯太暗，晚上走路不放心", "statement", (0.82, 0.9)),
    ("施工时间要提前贴在楼门上", "proposal", (0.95, 0.95)),
    ("一层的小店应当留下来", "statement", (0.3, 0.85)),
    ("快递柜应当放在小区门口", "statement", (0.7, 0.5)),
)


def load(quarter: Place, unit: Unit, office: User) -> None:
    """Make the demo's process, let paper cards vote, publish, and answer one proposal."""
    made = services.make(
        NewProcess(
            quarter, unit, Text("明年先改什么？", "What should be renewed first?"),
            Text("街区明年有一笔小额改造经费。什么最要紧？什么千万别动？写一条，也看看别人怎么说。",
                 "There is some money for small works next year. What matters most? What must not be touched? Write one idea, and see what others say."),
            30, office,
        )
    )  # fmt: skip
    services.move(made, "collect", office)
    written = [services.write(NewStatement(made, words, kind)) for words, kind, _ in STATEMENTS]
    draws = generator(1, "demo council").random((CARDS, len(STATEMENTS), 2))
    rows = []
    for card in range(CARDS):
        camp = int(card % 5 < 2)
        for at, statement in enumerate(written):
            if draws[card, at, 1] < 0.12:
                continue
            agrees = draws[card, at, 0] < STATEMENTS[at][2][camp]
            rows.append(
                {"card": f"P{card:03d}", "statement": str(statement.pk), "vote": "1" if agrees else "-1"}
            )
    services.enter_paper(made, rows, timezone.now() - dt.timedelta(days=AGO))
    services.publish(made)
    services.answer(
        written[0].owed, "taken",
        "采纳。先装老人多的六个楼门，六月底前装完，费用由更新资金支付；其余楼门列入下一年计划。", office,
    )  # fmt: skip


#: A draft rule of the yard, made up, paragraph by paragraph; then what a resident says of one, and the answer.
DRAFT = """院内空地白天作晾晒和孩子活动用，晚九点后安静。

自行车统一停在东墙边，电动车到院外充电棚充电，不得进楼。

公共水管和路灯坏了，谁先看见谁在平台上报修；修好后在楼门上贴一天告示。

院里的树不随意砍，修枝前要问过所有住户。"""
COMMENT = "充电棚只有六个位子，不够用，能不能先加再禁？"
REPLY = "采纳。先把充电位加到十四个，装好后再开始执行这一条。"


def load_draft(quarter: Place, unit: Unit, office: User, resident: User) -> None:
    """Put a second question to the quarter, bring it to its discussion, and let its draft be commented and answered."""
    made = services.make(
        NewProcess(
            quarter, unit, Text("院规怎么写？", "What should the rules of the yard say?"),
            Text("收到的意见整理成了一份文稿，请逐段提意见。", "What was said became a draft; comment on it paragraph by paragraph."),
            30, office,
        )
    )  # fmt: skip
    for phase in ("collect", "discuss"):
        services.move(made, phase, office)
    token = uuid.uuid5(uuid.NAMESPACE_OID, f"{quarter.path}draft")
    text = drafts.put(made, "院规（征求意见稿）", DRAFT, office, token)
    said = drafts.comment(
        text.paragraphs.get(n=2), resident, COMMENT, uuid.uuid5(uuid.NAMESPACE_OID, f"{token}1")
    )
    drafts.answer(said, REPLY, office)
    drafts.comment(
        text.paragraphs.get(n=1),
        resident,
        "晾衣绳请统一拉在南墙。",
        uuid.uuid5(uuid.NAMESPACE_OID, f"{token}2"),
    )
