"""Bodies of the demo: a task force, a round table and a council drawn by lot, with meetings, promises and matters."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone

from hutong.agree.sortition import Quota
from hutong.service.accounts.models import User
from hutong.service.bodies import services
from hutong.service.bodies.models import Body
from hutong.service.places.models import Place
from hutong.text import Text

#: Days since the meeting of the half-year before: more than any half-year has.
EARLIER = 186
#: Who sits at a five-party round table (党建引领·五方联动), by office.
PARTIES = ("party", "committee", "owners_body", "property_manager", "planner")


#: Days since each meeting of the round table next door.
MEETS = (160, 139, 118, 97, 76, 55, 34, 13)
#: The pool of the demo's draw: made-up people by number alone, so many of each sex and age.
POOL, SEATS = 60, 8


def _ago(days: int) -> dt.datetime:
    """Return seven in the evening, so many days ago."""
    return timezone.localtime().replace(hour=19, minute=0, second=0, microsecond=0) - dt.timedelta(days=days)


def load(district: Place, quarter: Place) -> None:
    """Make the demo's bodies and their record, of this half-year and of the one before."""
    users = {u.username: u for u in User.objects.all()}
    clerk, day = users["committee"], timezone.localdate()
    begun = _ago(EARLIER + 20)
    task = services.make(district, "taskforce", Text("区城市更新专班", "District task force on renewal"), None, uuid.uuid4())  # fmt: skip
    table = services.make(quarter, "roundtable", Text("社区五方联动会议", "Five-party round table"), task, uuid.uuid4())  # fmt: skip
    council = services.make(quarter, "council", Text("街区议事会", "Residents’ council"), table, uuid.uuid4())
    for office in ("district", "department", "subdistrict"):
        services.seat(task, office, "office", "示例：按职务", users.get(office), begun)
    seats = [services.seat(table, office, "office", "示例：按职务", users.get(office.replace("_", "-")), begun) for office in PARTIES]  # fmt: skip
    _earlier(table, task, users)
    _draw(council, users["subdistrict"])
    meeting = services.call(table, _ago(20), "社区活动室", "楼门扶手安装顺序\n施工告示怎么贴", uuid.uuid4())  # fmt: skip
    for seat in seats[:4]:
        services.attend(meeting, seat)
    services.commit(meeting, seats[3], "十天内贴出施工告示样张", day - dt.timedelta(days=5), uuid.uuid4())
    made = services.commit(
        meeting, seats[4], "画出六个楼门的扶手位置", day + dt.timedelta(days=12), uuid.uuid4()
    )
    services.publish(
        meeting, "议定先装老人多的六个楼门。施工告示提前三天贴在楼门上，由物业负责。", clerk, _ago(18)
    )  # fmt: skip
    services.report(made, "已量完三个楼门", False, users["planner"], _ago(9))
    joint = services.call(task, _ago(6), "区会议室", "街区小额改造经费", uuid.uuid4())
    for seat in task.seats.all():
        services.attend(joint, seat)
    services.publish(joint, "同意街区小额改造经费按议事会意见使用，街道每季度公布。", users["district"], _ago(5))  # fmt: skip
    words = "地下管线图不全，挖沟前要各家交底"
    matter = services.raise_matter(table, words, clerk, uuid.uuid4(), _ago(8))
    services.pass_on(matter, "up", task, "要供水、供电、燃气一起到场，社区叫不动", clerk, _ago(6))  # fmt: skip


def _earlier(table: Body, task: Body, users: dict[str, User]) -> None:
    """Let two bodies meet in the half-year before, with fewer parties, and settle a matter together."""
    clerk, at = users["committee"], _ago(EARLIER)
    day = timezone.localdate(at)
    first = services.call(table, at, "社区活动室", "单元门禁谁来管", uuid.uuid4())
    came = list(table.seats.all())[:3]
    for seat in came:
        services.attend(first, seat)
    promise = services.commit(first, came[1], "两周内统计坏了的门禁", day + dt.timedelta(days=14), uuid.uuid4())  # fmt: skip
    services.publish(
        first, "议定先统计坏了的门禁，再定由谁修、钱从哪里出。", clerk, at + dt.timedelta(days=2)
    )
    services.report(promise, "共坏七处，名单已交物业", True, clerk, at + dt.timedelta(days=12))
    matter = services.raise_matter(table, "门禁维修没有出钱的渠道", clerk, uuid.uuid4(), at)
    services.pass_on(matter, "up", task, "要区里明确能否用更新经费", clerk, at + dt.timedelta(days=3))
    services.pass_on(matter, "settled", None, "可用更新经费，按招标价结算", users["district"], at + dt.timedelta(days=14))  # fmt: skip


def _draw(council: Body, office: User) -> None:
    """Draw the seats of the residents' council by lot, from a made-up pool of half women, half men in three ages."""
    rows = [
        {"id": f"N{i:03d}", "sex": ("f", "m")[i % 2], "age": ("18-39", "40-59", "60+")[i % 3]}
        for i in range(1, POOL + 1)
    ]
    quotas = [Quota("sex", v, SEATS // 2, SEATS // 2) for v in ("f", "m")]
    quotas += [Quota("age", v, 2, 4) for v in ("18-39", "40-59", "60+")]
    rule = "示例：公布后第十天福利彩票双色球的六个红球号码，从小到大"
    made = services.publish_draw(council, SEATS, rows, quotas, rule, uuid.uuid4(), at=_ago(60))
    services.draw(made, "03 07 12 19 23 30", office, _ago(50))


def load_neighbour(quarter: Place) -> None:
    """Give another quarter a round table that it took up in this half-year and that meets every few weeks since."""
    clerk = User.objects.get(username="district")
    table = services.make(quarter, "roundtable", Text("北街道五方联动会议", "Round table of the north"), None, uuid.uuid4())  # fmt: skip
    begun = _ago(MEETS[0] + 7)
    seats = [services.seat(table, office, "office", "示例：按职务", None, begun) for office in PARTIES]
    for days in MEETS:
        at = _ago(days)
        meeting = services.call(table, at, "北街道居民活动室", "楼道照明\n公共晾晒", uuid.uuid4())
        for seat in seats:
            services.attend(meeting, seat)
        services.publish(
            meeting, "逐项核对上次议定的事，没有做完的写明到哪天做完。", clerk, at + dt.timedelta(days=2)
        )
