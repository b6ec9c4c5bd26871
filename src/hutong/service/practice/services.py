"""The only writes of practice: begin an exercise, let the colleague do their part, lay out spare votes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from hutong.errors import HutongError
from hutong.service.accounts import services as accounts
from hutong.service.accounts.models import User
from hutong.service.bodies import services as bodies
from hutong.service.bodies.models import Meeting
from hutong.service.bodies.models import Seat as BodySeat
from hutong.service.consent.ballots import services as ballots
from hutong.service.consent.demo import TEXT, Back
from hutong.service.consent.models import Motion
from hutong.service.consent.motions import services as motions
from hutong.service.council import services as council
from hutong.service.council.models import Process
from hutong.service.places.models import Place
from hutong.service.places.selectors import within
from hutong.service.practice.catalogue import exercises
from hutong.service.practice.checks import scheme_of
from hutong.service.practice.models import Attempt, Spare
from hutong.service.requests import services as requests
from hutong.service.requests.models import Request, Unit
from hutong.service.residents import selectors as residents
from hutong.service.schemes.consulting import services as consulting
from hutong.service.schemes.models import Scheme
from hutong.service.schemes.opinions import services as opinions
from hutong.service.schemes.selectors import not_before
from hutong.service.twin.models import PUBLISHED, Snapshot
from hutong.text import Text

#: The made-up officer who does what a trainee may not do alone.
COLLEAGUE = "practice-colleague"
#: So many pairs of votes are laid out when the site is made.
SPARES = 12


def check_practice() -> None:
    """Raise ``not-practice`` on a real site: roles and made-up cases are given on a practice site alone."""
    if not settings.ENVIRONMENT.practice:
        raise HutongError(
            "not-practice",
            Text("这是正式站点，这里不能练习。", "This is a real site; nothing is practised here."),
            Text("请到练习站练习（hutong practice）。", "Practise on the practice site (hutong practice)."),
        )


@transaction.atomic
def begin(user: User, name: str) -> Attempt:
    """Begin an exercise, or begin it again: the trainee gets its role in the made-up quarter and fresh things to work on.

    Raises
    ------
    HutongError
        ``not-practice``; ``no-spare-votes``.
    """
    check_practice()
    quarter = _quarter()
    for role in exercises()[name].roles:
        at = quarter.parent if role == "subdistrict" else quarter
        accounts.grant(user, role, at, verified="office", note="practice")
    made = Attempt.objects.create(owner=user, exercise=name)
    made.things = _LAY_OUT[name](made, quarter)
    made.save(update_fields=["things"])
    return made


def _quarter() -> Place:
    return Place.objects.filter(kind="quarter").order_by("path").select_related("parent")[0]


def _building(quarter: Place) -> Place:
    return within(quarter, "building").order_by("path")[0]


def _file(quarter: Place, words: str) -> Request:
    return requests.file(requests.NewRequest(_building(quarter), words)).request


def _dispatch(a: Attempt, quarter: Place) -> dict[str, Any]:
    return {"request": _file(quarter, "三层楼道的灯坏了，晚上看不见（练习）").pk}


def _whistle(a: Attempt, quarter: Place) -> dict[str, Any]:
    r = _file(quarter, "地下室积水，水管一直在漏（练习）")
    said = {"category": "pipes", "limit": "request.general_days_max"}
    colleague = _colleague()
    requests.step(r, "take_in", "intake", person=colleague, said=said)
    requests.step(r, "dispatch", "intake", person=colleague, said={"unit": "subdistrict"})
    requests.step(r, "sign_for", "unit", person=colleague, unit="subdistrict")
    return {"request": r.pk}


def _checkup(a: Attempt, quarter: Place) -> dict[str, Any]:
    newest = Snapshot.objects.filter(place=quarter, phase=PUBLISHED).order_by("-date")[0]
    return {"snapshot": newest.pk}


def _council(a: Attempt, quarter: Place) -> dict[str, Any]:
    unit = Unit.objects.get(code="subdistrict")
    requests.join(a.owner, unit)
    estate = within(quarter, "estate").order_by("path")[0]
    title = Text("院里先改什么（练习）", "What to renew first (practice)")
    new = council.NewProcess(estate, unit, title, Text("说说看。", "Tell us."), 30, a.owner)
    return {"process": council.make(new).pk}


def _vote(a: Attempt, quarter: Place) -> dict[str, Any]:
    spare = Spare.objects.select_for_update().filter(attempt=None).first()
    if spare is None:
        raise HutongError(
            "no-spare-votes",
            Text("备好的表决用完了。", "The votes that were laid out are used up."),
            Text(
                "请管理员运行 hutong practice --reset 重置练习站。",
                "Ask the operator to run hutong practice --reset.",
            ),
        )
    spare.attempt = a
    spare.save(update_fields=["attempt"])
    return {"to_open": spare.to_open, "to_close": spare.to_close}


def _scheme(a: Attempt, quarter: Place) -> dict[str, Any]:
    return {}  # the trainee opens it


def _member(a: Attempt, quarter: Place) -> dict[str, Any]:
    title = Text("练习议事会", "Practice council")
    body = bodies.make(quarter, "council", title, None, uuid.uuid4())
    seat = bodies.seat(body, "council_member", "elected", "practice", a.owner)
    meeting = bodies.call(
        body,
        timezone.now() + dt.timedelta(hours=1),
        "活动室 / the hall",
        "楼道堆物 / things on the stairs",
        uuid.uuid4(),
    )
    return {"meeting": meeting.pk, "seat": seat.pk}


_LAY_OUT: Mapping[str, Callable[[Attempt, Place], dict[str, Any]]] = {
    "dispatch": _dispatch, "whistle": _whistle, "checkup": _checkup, "council": _council, "vote": _vote, "scheme": _scheme,
    "member": _member,
}  # fmt: skip


def _colleague() -> User:
    """Return the made-up colleague: nobody signs in as them."""
    found = User.objects.filter(username=COLLEAGUE).first()
    return found or accounts.make_user(COLLEAGUE, None, "练习同事 Colleague")


@transaction.atomic
def let_colleague(a: Attempt, step: str) -> None:
    """Let the made-up colleague do the part of a step that a trainee may not do alone; what is not due changes nothing.

    Raises
    ------
    HutongError
        ``not-practice``; and as what is done raises.
    """
    check_practice()
    colleague, t = _colleague(), a.things
    if a.exercise == "dispatch" and step == "closed":
        requests.step(
            Request.objects.get(pk=t["request"]),
            "confirm",
            "caller",
            person=colleague,
            said={"satisfied": True},
        )
    elif a.exercise == "whistle" and step == "report_in":
        r = Request.objects.get(pk=t["request"])
        for unit in list(r.called_units):
            requests.step(r, "report_in", "called", person=colleague, unit=unit)
            requests.step(
                r, "finish_part", "called", person=colleague, unit=unit, said={"reply": "水管已修好（练习）"}
            )
    elif a.exercise == "council" and step == "proposed":
        process = Process.objects.get(pk=t["process"])
        for words in ("楼门口装扶手", "院里多装一盏灯"):
            if not process.statements.filter(words=words).exists():
                council.write(council.NewStatement(process, words, "proposal"))
    elif a.exercise == "vote":
        for motion in Motion.objects.filter(
            state="waiting", subject__in=(t["to_open"], t["to_close"]), kind__startswith="ballot."
        ):
            motions.confirm(motion, colleague)
    elif a.exercise == "scheme":
        _judge(scheme_of(a), step, colleague)
    elif a.exercise == "member" and step == "promised":
        _minutes(Meeting.objects.get(pk=t["meeting"]), BodySeat.objects.get(pk=t["seat"]), colleague)


def _judge(scheme: Scheme | None, step: str, colleague: User) -> None:
    if scheme is None:
        return
    if step == "advised" and scheme.state == "draft":
        opinions.advise(scheme, "supports", "符合体检结论，同意；施工期保留老人通行路线（练习）。", colleague)
    elif step == "published" and scheme.state == "advised":
        opinions.review(scheme, "资料齐全，同意公布征求意见（练习）。", colleague)
        today = timezone.localdate()
        until = max(not_before(scheme, today), today + dt.timedelta(days=20))
        unit = Unit.objects.get(code="subdistrict")
        consulting.publish(
            scheme, today, until, colleague, hears=unit, contact="练习办公室 / practice office"
        )


def _minutes(meeting: Meeting, seat: BodySeat, colleague: User) -> None:
    if meeting.published is None:
        bodies.commit(
            meeting,
            seat,
            "清走楼道里的堆物（练习）",
            timezone.localdate() + dt.timedelta(days=14),
            uuid.uuid4(),
        )
        bodies.publish(meeting, "议定清理楼道，由议事会成员牵头（练习）。", colleague)


def load(quarter: Place, first: User, second: User) -> None:
    """Lay out the votes that trainees open, close and count; the made-up homes answered on paper. The demo must be loaded."""
    homes = residents.homes_of(User.objects.get(username="resident-owner"))
    building = homes[0].building
    names = [h.dwelling_id for h in residents.homes(quarter, building)]
    with Back(first, second) as made:
        roll = made.roll(building, "owners", Text("练习名册", "Practice roll"), names)
        began = made.at
        for n in range(1, SPARES + 1):
            made.at = began
            to_close = made.vote(
                roll, Text(f"更换信箱（练习 {n}）", f"New letter boxes (practice {n})"), days_open=20
            )
            for k, home in enumerate(names[:12]):
                made.answer(to_close, home, "no" if k % 4 == 3 else "yes")
            made.at = began
            title = Text(f"粉刷楼道（练习 {n}）", f"Paint the stairs (practice {n})")
            new = ballots.NewBallot(
                roll, "7", title, Text(f"是否同意{title.zh}？", f"{title.en}: do you agree?"), TEXT
            )
            to_open = made.noticed(new, 120)
            Spare.objects.create(to_open=to_open.pk, to_close=to_close.pk)
