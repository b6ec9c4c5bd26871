"""What the demo shows of homes: who answers, homes on offer, offers to lessees of the courtyard, a question answered and one that waits."""

from __future__ import annotations

import datetime as dt
import uuid
from fractions import Fraction

from django.utils import timezone

from hutong.agree.homes_on_offer import HomeOnOffer
from hutong.service.accounts.models import User
from hutong.service.consent.models import Project
from hutong.service.consent.surrender import services as surrender
from hutong.service.my_home import services
from hutong.service.my_home.prepared import services as prepare
from hutong.service.places.models import Place
from hutong.service.requests.models import Unit
from hutong.service.residents.selectors import homes_of
from hutong.text import Text

BASIS = "虚构示例，不是报价"


def load(quarter: Place, officer: User, maker: User) -> None:
    """Name the contact, put homes on offer, make offers in the courtyard, and ask two questions; all of it fictional."""
    prepare.prepare(quarter)
    unit = Unit.objects.get(code="subdistrict")
    where = Text("示例街道办事处一层 3 号窗口", "Demo subdistrict office, ground floor, window 3")
    hours = Text("周一至周五 9:00–17:00，周二到 20:00", "Monday to Friday 9 to 17, Tuesday until 20")
    services.name_contact(quarter, services.NewContact(unit, where, hours, "000-0000"), officer)
    tenant, owner = (User.objects.get(username=n) for n in ("resident-tenant", "resident-owner"))
    project = Project.objects.first()
    if project is None:
        raise ValueError("the demo has no surrender project")
    _offers(project, quarter, maker)
    home = homes_of(tenant)[0]
    asked = services.ask(
        services.NewQuestion(home, "父亲是承租人，走路不方便，我能替他去办吗？（示例）", "acting"), tenant, uuid.uuid4()
    )  # fmt: skip
    services.answer(
        asked, "可以。请老人写委托书并签名，带两个人的身份证；也可以约我们上门。（示例）", officer
    )
    services.ask(services.NewQuestion(home, "搬走以后孩子还能在原来的学校上学吗？（示例）", "homes"), tenant, uuid.uuid4())  # fmt: skip
    services.ask(services.NewQuestion(homes_of(owner)[0], "装电梯我家在一层，要出钱吗？（示例）", "money"), owner, uuid.uuid4())  # fmt: skip


def _offers(project: Project, quarter: Place, maker: User) -> None:
    """Put two kinds of homes on offer, and offer money to the lessees of the courtyard but the demo's own."""
    lon, lat = _centre(quarter)
    until = timezone.localdate() + dt.timedelta(days=120)
    homes = [
        HomeOnOffer(Text("示例南苑", "Demo South Court"), "shared_ownership", 60.0, 40, 1_080_000, 50, None, lon + 0.05, lat - 0.06, until, BASIS),
        HomeOnOffer(Text("示例东里", "Demo East Lane"), "public_rental", 45.0, 25, None, None, 1_900, lon + 0.09, lat + 0.01, until, BASIS),
    ]  # fmt: skip
    services.offer_homes(project, homes, maker)
    for n, seat in enumerate(project.roll.seats.order_by("pk")[1:9]):
        made = surrender.apply(project, seat.dwelling_id, seat.holder, uuid.uuid4(), maker)
        surrender.do(made, "assess", "maker", surrender.Said(), uuid.uuid4(), maker)
        given = surrender.Said(90_000 + 500 * (n % 3), 2_000, Fraction(6, 10), {"": 50_000})
        surrender.do(made, "offer", "maker", given, uuid.uuid4(), maker)


def _centre(quarter: Place) -> tuple[float, float]:
    at = Place.objects.filter(path__startswith=quarter.path, lon__isnull=False).first()
    if at is None:
        raise ValueError("the demo's quarter has no coordinates")
    return float(at.lon), float(at.lat)
