"""What follows in consent: from a roll, a vote, a surrender and an application to the next deed, and who does it by when."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import timezone

import rules
from hutong.agree.surrender import Step
from hutong.service.consent import clock
from hutong.service.consent.models import Application, Ballot, Project, Roll
from hutong.service.consent.rolls import selectors as rolls
from hutong.service.consent.surrender import selectors as surrender
from hutong.service.web.stage import DeskItem
from hutong.text import Text, written_day

STAGE = Text("表决与签约", "Votes")
OFFICE = Text("街道、居委会或业主组织", "the subdistrict, the residents’ committee or the owners’ body")
TWO = Text("两名经办人", "two officers")


def following(user: Any, subject: Any) -> list[DeskItem]:
    """Return what comes after a roll, a vote, a surrender or an application, for its page."""
    if isinstance(subject, Roll):
        return _of_roll(user, subject)
    if isinstance(subject, Ballot):
        return _of_ballot(user, subject)
    if isinstance(subject, Project):
        return _of_surrender(user, subject)
    if isinstance(subject, Application):
        return _of_application(user, subject)
    return []


def _on(at: dt.datetime) -> Text:
    return written_day(timezone.localtime(at).date())


def _of_roll(user: Any, found: Roll) -> list[DeskItem]:
    may, at = rules.has_perm("consent.run", user, found), found.place.title
    here = reverse("roll", args=[found.pk]) if may else ""
    if found.state == "draft":
        return [DeskItem(STAGE, Text("公示名册", "Show the roll for objections"), at, here, OFFICE, mine=may)]
    if found.state == "published" and found.objections_until is not None:
        day = _on(found.objections_until)
        what = Text(f"异议到{day.zh}截止，之后冻结", f"Objections until {day.en}, then it is frozen")
        return [DeskItem(STAGE, what, at, here, TWO, status="watch", mine=may)]
    if found.act == "lessees":
        rows = [
            DeskItem(STAGE, Text(f"退租：{s.name_zh}", f"Surrender: {s.name_en}"), at, reverse("surrender", args=[s.pk]), status="watch")
            for s in Project.objects.filter(roll=found)
        ]  # fmt: skip
        begin, page = Text("公布退租项目", "Announce the surrender"), reverse("surrender_new")
    else:
        rows = [
            DeskItem(STAGE, Text(f"表决：{b.name_zh}（{b.standing.zh}）", f"The vote: {b.name_en} ({b.standing.en})"), at,
                     reverse("ballot", args=[b.pk]), status="watch")
            for b in Ballot.objects.filter(roll=found).defer("document") if rules.has_perm("consent.see", user, b)
        ]  # fmt: skip
        begin, page = Text("发起表决", "Start a vote"), f"{reverse('ballot_new')}?roll={found.pk}"
    return rows or [DeskItem(STAGE, begin, at, page if may else "", OFFICE, mine=may)]


def _of_ballot(user: Any, found: Ballot) -> list[DeskItem]:
    may, at = rules.has_perm("consent.run", user, found), found.place.title
    here = reverse("ballot", args=[found.pk]) if may else ""
    if found.state == "draft":
        return [DeskItem(STAGE, Text("发出通知", "Give notice"), at, here, OFFICE, mine=may)]
    if found.state == "noticed" and found.opens is not None:
        day = _on(found.opens)
        return [
            DeskItem(
                STAGE,
                Text(f"{day.zh}开始表决", f"It opens on {day.en}"),
                at,
                here,
                TWO,
                status="watch",
                mine=may,
            )
        ]
    if found.state == "open" and found.closes is not None:
        return [
            *_answering(user, found, _on(found.closes)),
            DeskItem(STAGE, Text("到期结束，然后计票，结果在这里公布", "It is closed at its end, counted, and the result stands here"), at, here, TWO, mine=may),
        ]  # fmt: skip
    if found.state == "closed":
        return [DeskItem(STAGE, Text("计票", "Count it"), at, here, TWO, status="watch", mine=may)]
    if found.state == "counted" and not (found.result or {}).get("passed") and not found.renewals.exists():
        page = f"{reverse('ballot_new')}?renews={found.pk}" if may else ""
        return [
            DeskItem(
                STAGE,
                Text("可以换一个方案，重新提出", "It may be brought again with another proposal"),
                at,
                page,
                OFFICE,
                mine=may,
            )
        ]
    return []


def _answering(user: Any, found: Ballot, day: Text) -> list[DeskItem]:
    """Return until when one answers; to whoever sits on the roll, their own way there, and that they have answered."""
    seats, at = rolls.seats_of(user, found.roll), found.place.title
    url = reverse("ballot_answer", args=[found.pk]) if seats else ""
    signed = set(found.casts.filter(head__in=[s.head for s in seats]).values_list("head", flat=True))
    if seats and all(s.head in signed for s in seats):
        what = Text(f"已表态，{day.zh}前可以改", f"You have answered and may change it until {day.en}")
        return [DeskItem(STAGE, what, at, url, status="good")]
    what = Text(f"表态到{day.zh}截止", f"Answer until {day.en}")
    return [
        DeskItem(
            STAGE,
            what,
            at,
            url,
            Text("名册上的每一位", "everybody on the roll"),
            status="watch",
            mine=bool(seats),
        )
    ]


def _of_surrender(user: Any, found: Project) -> list[DeskItem]:
    """Return the step that the calendar has come to; to a lessee whose home is on the roll, that they may apply."""
    at, today = found.place.title, timezone.localtime(clock.now()).date()
    mine = surrender.lessee(user, found) if user.is_authenticated else []
    free = [m for m in mine if m["application"] is None or m["application"].state == "staying"]
    out = []
    if free and surrender.may_apply(found, today):
        what = Text("申请退租，或留下来申请改善", "Apply, or stay and ask for improvement")
        out.append(
            DeskItem(
                STAGE, what, at, f"{reverse('surrender', args=[found.pk])}#mine", surrender.PARTIES["holder"]
            )
        )
    if not surrender.may_apply(found, today):
        what = Text(
            "签约已结束：选房或领款、交房、修缮，逐户办理",
            "Signing is over: choice, hand-over and restoration, home by home",
        )
        whom = Text("承租人、实施主体", "lessees, implementing body")
        return [*out, DeskItem(STAGE, what, at, "", whom, mine=False)]
    here = [row["step"] for row in surrender.calendar(found, today) if row["standing"] == "here"]
    return out + [DeskItem(STAGE, _dated(s), at, "", s.who, status="watch", mine=False) for s in here]


def _dated(step: Step) -> Text:
    """Return what a step is called, with its days where it has them."""
    if step.starts is None or step.ends is None:
        return step.title
    first, last = written_day(step.starts), written_day(step.ends)
    return Text(f"{step.title.zh}（{first.zh}至{last.zh}）", f"{step.title.en} ({first.en} to {last.en})")


def _of_application(user: Any, found: Application) -> list[DeskItem]:
    at = Text(found.dwelling_id, found.dwelling_id)
    if found.state == "surrendered":
        what = Text("房屋恢复性修建，再使用", "The home is restored, and used again")
        return [DeskItem(STAGE, what, at, "", surrender.PARTIES["maker"], mine=False)]
    event, party = surrender.next_deed(found)
    if not event:
        return []
    what = surrender.EVENTS[event]
    window = surrender.window(found.project)
    if event == "sign" and window is not None:
        first, last = (written_day(d) for d in window)
        what = Text(f"{what.zh}（{first.zh}至{last.zh}）", f"{what.en} ({first.en} to {last.en})")
    mine = party in surrender.parties_of(user, found)
    return [
        DeskItem(
            STAGE,
            what,
            at,
            f"{reverse('application', args=[found.pk])}#now" if mine else "",
            surrender.PARTIES[party],
            status="watch",
            mine=mine,
        )
    ]
