"""A fictional operation for the demo: a contract with two years of returns, its assets, and a floor-area account."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

import pandas as pd
from django.utils import timezone

from hutong.act.contracts import Asset, Return, contract_text
from hutong.act.contracts import Terms as ContractTerms
from hutong.act.floor import Booking
from hutong.service.accounts.models import User
from hutong.service.operation import services
from hutong.service.operation.floor import services as floor
from hutong.service.operation.floor.selectors import district_of, key
from hutong.service.places.models import Place
from hutong.service.web.one_page import one_page
from hutong.service.web.papers import of_bytes
from hutong.text import Text

_PAPER = of_bytes(
    one_page(("示例：社区食堂经营合同", "A made-up contract of a canteen", "虚构文件，没有任何效力。")),
    "contract.pdf",
)


def terms(first_year: int) -> ContractTerms:
    """Return the terms of a made-up canteen: works of a million, twenty years of 136 thousand less 40."""
    rows = [(0, "operator", "outside", 1_000_000.0, "works")]
    for k in range(1, 21):
        rows += [
            (k, "outside", "operator", 136_000.0, "income"),
            (k, "operator", "outside", 40_000.0, "running"),
        ]
    plan = pd.DataFrame(rows, columns=["year", "payer", "payee", "yuan", "line"])
    clauses = (
        Text("示例：由一份虚构的方案生成，数字均为假设。", "Demo: drawn from a made-up scheme; every figure is an assumption."),
        Text("收益高于上限的部分，业主与区级财政各半。", "What is above the band is shared by the owners and the district, half each."),
    )  # fmt: skip
    return ContractTerms(
        "demo-canteen", "demo", "beijing", first_year, 20, 0.06, 0.08, True, 0.5, 0, plan, clauses
    )


def load(quarter: Place, operator: User, office: User, raters: Sequence[tuple[User, int]]) -> None:
    """Make a running contract whose returns lie above the band and whose services are rated, assets, and entries of the floor-area account."""
    today = timezone.localdate()
    title = Text("示例社区食堂经营合同", "Demo community canteen")
    found = services.enter(quarter, title, contract_text(terms(today.year - 3)), office, uuid.uuid4())
    for event, by, person in (
        ("publish", "office", office),
        ("sign", "office", office),
        ("start", "operator", operator),
    ):
        found = services.do(found, event, by, person, {}, _PAPER if event != "start" else None)
    given = [Return(str(today.year - 3), {"works": 1_000_000})]
    given += [
        Return(str(today.year - k), {"income": 240_000, "running": 62_000}, {"served": 21_000.0})
        for k in (2, 1)
    ]
    services.file_returns(found, given, operator)
    for person, score in raters:
        services.rate(found, person, score)
    made = dt.date(today.year - 3, 6, 1)
    services.register_assets(
        quarter,
        [
            Asset("canteen-kitchen", "demo", "canteen", made, 15, 600_000, "示例运营方"),
            Asset("lift-1", "demo", "lift", made, 25, 420_000, "示例物业"),
            Asset("stairs-rail", "demo", "accessibility", made, 10, None),
        ],
    )
    day, district = dt.date(today.year, 1, 5), district_of(quarter)
    for kind, m2, uncounted in (("opening", 86_400, ""), ("demolish", 2_300, ""), ("reduce", 400, ""), ("approve", 900, ""), ("uncounted", 120, "lift")):  # fmt: skip
        asked = Booking(kind, day, key(quarter), m2 * 10_000, "示例批复 1 号", uncounted=uncounted)
        floor.book(district, asked, office, uuid.uuid4())
