"""Bodies of the demo: a task force, a round table and a council, with one meeting, promises and a matter passed up."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone

from hutong.service.accounts.models import User
from hutong.service.bodies import services
from hutong.service.places.models import Place
from hutong.text import Text

#: Who sits at a five-party round table (党建引领·五方联动), by office.
PARTIES = ("party", "committee", "owners_body", "property_manager", "planner")


def load(district: Place, quarter: Place) -> None:
    """Make the demo's bodies and their record."""
    users = {u.username: u for u in User.objects.all()}
    clerk = users["committee"]
    task = services.make(district, "taskforce", Text("区城市更新专班", "District task force on renewal"), None, uuid.uuid4())  # fmt: skip
    table = services.make(quarter, "roundtable", Text("社区五方联动会议", "Five-party round table"), task, uuid.uuid4())  # fmt: skip
    services.make(quarter, "council", Text("街区议事会", "Residents’ council"), table, uuid.uuid4())
    for office in ("district", "department", "subdistrict"):
        services.seat(task, office, "office", "示例：按职务", users.get(office))
    seats = [services.seat(table, office, "office", "示例：按职务", users.get(office.replace("_", "-"))) for office in PARTIES]  # fmt: skip
    now = timezone.now()
    meeting = services.call(table, now - dt.timedelta(days=20), "社区活动室", "楼门扶手安装顺序\n施工告示怎么贴", uuid.uuid4())  # fmt: skip
    for seat in seats[:4]:
        services.attend(meeting, seat)
    day = timezone.localdate()
    services.commit(meeting, seats[3], "十天内贴出施工告示样张", day - dt.timedelta(days=5), uuid.uuid4())
    made = services.commit(
        meeting, seats[4], "画出六个楼门的扶手位置", day + dt.timedelta(days=12), uuid.uuid4()
    )
    services.publish(meeting, "议定先装老人多的六个楼门。施工告示提前三天贴在楼门上，由物业负责。", clerk)
    services.report(made, "已量完三个楼门", False, users["planner"])
    joint = services.call(task, now - dt.timedelta(days=6), "区会议室", "街区小额改造经费", uuid.uuid4())
    for seat in task.seats.all():
        services.attend(joint, seat)
    services.publish(joint, "同意街区小额改造经费按议事会意见使用，街道每季度公布。", users["district"])
    matter = services.raise_matter(table, "地下管线图不全，挖沟前要各家交底", clerk, uuid.uuid4())
    services.pass_on(matter, "up", task, "要供水、供电、燃气一起到场，社区叫不动", clerk)
