"""The only writes to projects, their papers, reviews, tasks, reports and disclosures."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils import timezone

from hutong.act.machine import Deed
from hutong.act.projects import Opinion, advance, begin_project, begin_review, disclosures, personal_papers
from hutong.errors import HutongError
from hutong.rules import official_calendar
from hutong.service.accounts.models import User
from hutong.service.checkup.models import Finding
from hutong.service.consent.models import Ballot
from hutong.service.ledger import services as ledger
from hutong.service.places.models import Place
from hutong.service.projects import selectors, votes
from hutong.service.projects.findable import of_project
from hutong.service.projects.models import (
    Disclosed,
    OpinionGiven,
    Paper,
    Progress,
    Project,
    ReviewRound,
    Step,
    Task,
    VoteOn,
)
from hutong.service.schemes.models import Version
from hutong.service.schemes.selectors import published_versions
from hutong.service.search import services as search
from hutong.service.web.papers import Document, keep, of_version
from hutong.text import Text


@dataclass(frozen=True)
class NewProject:
    """What somebody applies for."""

    place: Place
    title: Text
    procedure: str
    types: Sequence[str]
    tenures: Sequence[str]
    owner: User
    token: uuid.UUID = field(default_factory=uuid.uuid4)
    opened: dt.datetime | None = None
    finding: Finding | None = None


def apply(new: NewProject) -> Project:
    """Enter a project; sending the same form again returns the one that was made.

    Raises
    ------
    HutongError
        ``no-course`` or ``no-type`` for a procedure or kind that is not known.
    """
    known = Project.objects.filter(token=new.token).first()
    if known is not None:
        return known
    now = new.opened or timezone.now()
    found = selectors.course_of(new.procedure, timezone.localtime(now).date())
    stands = begin_project(found, "new", now, {"types": tuple(new.types), "tenures": tuple(new.tenures)})
    try:
        with transaction.atomic():
            made = Project.objects.create(
                token=new.token, place=new.place, owner=new.owner, title_zh=new.title.zh, title_en=new.title.en,
                procedure=new.procedure, types=list(new.types), tenures=list(new.tenures), opened=now,
                state=stands.state, library=found.library(stands.state), changed=now, finding=new.finding,
            )  # fmt: skip
            search.put([of_project(made)])
            return made
    except IntegrityError:
        return Project.objects.get(token=new.token)


@transaction.atomic
def move(project: Project, event: str, by: str, person: User, at: dt.datetime | None = None) -> Project:
    """Let a project take a step; state, list and ledger follow in one transaction.

    Raises
    ------
    HutongError
        ``act-event`` if it may not happen now; ``gate-closed`` listing what is missing; ``not-as-voted`` against the
        vote that was held here; nothing is written.
    """
    locked = Project.objects.select_for_update().get(pk=project.pk)
    found, before = selectors.course_for(locked), selectors.standing(locked)
    deed = Deed(event, timezone.localtime(at or timezone.now()), by)
    _reviewed(locked, event)
    for kind, drawn in votes.papers_of(votes.settling(locked, event)):
        hand_in(locked, kind, drawn, person, at=deed.at)
    after = advance(
        found, before, deed, selectors.held(locked), official_calendar(), selectors.settled(locked)
    )
    Step.objects.create(
        project=locked, n=locked.steps_taken + 1, event=event, at=deed.at, by=by, person=person
    )
    locked.state, locked.library = after.state, found.library(after.state)
    locked.changed, locked.steps_taken = deed.at, locked.steps_taken + 1
    locked.save()
    search.put([of_project(locked)])
    ledger.record(
        "stage.passed",
        {"project": locked.number, "from": before.state, "to": after.state},
        place=locked.place,
        by=person,
        at=deed.at,
    )
    return locked


def _reviewed(project: Project, event: str) -> None:
    """Let a joint review be passed only when one was held since the step began, and concluded so."""
    if not selectors.reviewed(project, event):
        raise HutongError(
            "gate-closed",
            Text("联合审查还没有“通过”的结论。", "The joint review was not concluded as passed."),
            Text(
                "请先征求各部门意见，由牵头部门作出结论。",
                "Ask the departments first, and let the lead conclude.",
            ),
        )


@transaction.atomic
def hand_in(
    project: Project, kind: str, found: Document, person: User, *, public: bool = False, at: dt.datetime | None = None
) -> Paper:  # fmt: skip
    """Add a paper to a project; its hash enters the ledger. Handing the same one in again changes nothing.

    Raises
    ------
    HutongError
        ``no-paper`` for a kind of paper that no procedure knows; ``personal-paper`` for one that names people and
        should be public.
    """
    if kind not in selectors.papers_known():
        raise HutongError(
            "no-paper",
            Text(f"没有文件种类 {kind}。", f"There is no kind of paper {kind}."),
            Text("请在列表中选择。", "Choose one of the list."),
        )
    if public and kind in personal_papers():
        raise HutongError(
            "personal-paper",
            Text(
                "这类文件涉及个人，不能公开。", "This kind of paper names people and cannot be made public."
            ),
            Text("请不勾选“任何人可以阅读”。", "Hand it in without making it readable by anyone."),
        )
    keep(found)
    made, new = Paper.objects.get_or_create(
        project=project, kind=kind, digest=found.digest, reason="",
        defaults={
            "called": found.called, "suffix": found.suffix, "size": len(found.data), "public": public,
            "at": at or timezone.now(), "person": person,
        },
    )  # fmt: skip
    if new:
        public_fields = {"subject": project.number, "kind": kind, "digest": found.digest}
        ledger.record("document.filed", public_fields, place=project.place, by=person, at=made.at)
    return made


def file_scheme(project: Project, version: Version, person: User) -> Paper:
    """File a version that stands before the public as a project's scheme, for anyone to read: the paper's hash is the version's.

    Raises
    ------
    HutongError
        ``not-its-scheme`` for one of another place, or one that is not published.
    """
    if version.pk not in {v.pk for v in published_versions(project.place)}:
        raise HutongError(
            "not-its-scheme",
            Text("这个方案版本没有公布，或不是本项目所在地的。", "This version is not before the public, or is of another place."),
            Text("请选择已公布的本地方案。", "Choose a published scheme of the project's place."),
        )  # fmt: skip
    file = of_version(version.document.encode(), f"{version.scheme.number}-{version.n}.yaml")
    return hand_in(project, selectors.SCHEME, file, person, public=True)


@transaction.atomic
def tie_vote(project: Project, ballot: Ballot, person: User) -> VoteOn:
    """Let a vote stand for a project's step of voting; what renews it counts with it.

    Raises
    ------
    HutongError
        ``not-its-vote`` for one of another place, or of another project.
    """
    made = VoteOn.objects.filter(ballot=ballot).first()
    if not selectors.of_one_place(project, ballot) or (made and made.project_id != project.pk):
        raise HutongError(
            "not-its-vote",
            Text("这次表决不是本项目的。", "This vote is not one on this project."),
            Text("请选择项目所在地、还没有用于别的项目的表决。", "Choose a vote of the project's place that no other project has."),
        )  # fmt: skip
    return made or VoteOn.objects.create(project=project, ballot=ballot, person=person)


@transaction.atomic
def settle(project: Project, kind: str, reason: str, person: User) -> Paper:
    """Record that a paper is not needed, and why; the reason is public and its hash enters the ledger."""
    if kind not in selectors.papers_known() or not reason.strip():
        raise HutongError(
            "no-paper",
            Text("请选择文件并写明不需要的理由。", "Choose the paper and say why it is not needed."),
            Text("理由会公开。", "The reason is public."),
        )
    made, new = Paper.objects.get_or_create(
        project=project, kind=kind, digest="", reason=reason.strip()[:500], defaults={"person": person, "public": True}
    )  # fmt: skip
    if new:
        fields = {"subject": project.number, "decision": f"not-needed:{kind}", "by": "district", "digest": _hash(made.reason)}  # fmt: skip
        ledger.record("decision.taken", fields, place=project.place, by=person)
    return made


@transaction.atomic
def ask(
    project: Project, lead: str, departments: Sequence[str], due: dt.date, person: User, at: dt.datetime | None = None
) -> ReviewRound:  # fmt: skip
    """Open a joint review; it raises ``review`` as :func:`hutong.act.projects.begin_review` does, or if one is open."""
    locked = Project.objects.select_for_update().get(pk=project.pk)
    if locked.reviews.filter(concluded="").exists():
        raise HutongError(
            "review",
            Text("已有一次联合审查在进行。", "A joint review is open already."),
            Text("请先作出结论。", "Conclude it first."),
        )
    now = at or timezone.now()
    begin_review(lead, departments, timezone.localtime(now), due)
    return ReviewRound.objects.create(
        project=locked, lead=lead, departments=list(dict.fromkeys(departments)), asked=now, due=due, person=person
    )  # fmt: skip


@transaction.atomic
def give_opinion(found: ReviewRound, department: str, verdict: str, words: str, person: User) -> OpinionGiven:
    """Record a department's opinion; its words enter the ledger as a hash alone.

    Raises
    ------
    HutongError
        ``review`` for one that nobody asked for, or a second one.
    """
    locked = ReviewRound.objects.select_for_update().get(pk=found.pk)
    now = timezone.now()
    selectors.review_of(locked).answered(Opinion(department, verdict, now))
    made = OpinionGiven.objects.create(
        review=locked, department=department, verdict=verdict, words=words, at=now, person=person
    )
    fields = {"subject": locked.project.number, "decision": f"opinion:{verdict}", "by": department, "digest": _hash(words)}  # fmt: skip
    ledger.record("decision.taken", fields, place=locked.project.place, by=person, at=now)
    return made


@transaction.atomic
def conclude(found: ReviewRound, by: str, outcome: str, person: User) -> ReviewRound:
    """Conclude a review as its lead; it raises ``review`` while opinions are missing or against an objection."""
    locked = ReviewRound.objects.select_for_update().get(pk=found.pk)
    locked.concluded = selectors.review_of(locked).conclude(by, outcome).concluded
    locked.save(update_fields=["concluded"])
    said = "|".join(f"{o.department}:{o.verdict}" for o in locked.opinions.all())
    fields = {
        "subject": locked.project.number,
        "decision": f"review:{outcome}",
        "by": by,
        "digest": _hash(said),
    }
    ledger.record("decision.taken", fields, place=locked.project.place, by=person)
    return locked


@transaction.atomic
def plan_task(project: Project, title: str, start: dt.date, end: dt.date, budget_yuan: int | None) -> Task:
    """Set a task of the works, or change its days and budget; it raises ``bad-progress`` for days the wrong way round."""
    if end < start or not title.strip() or (budget_yuan is not None and budget_yuan < 0):
        raise _progress("任务应有名称，结束不早于开始，预算不为负", "A task has a name, ends no earlier than it begins, and a budget from 0")  # fmt: skip
    task, _ = Task.objects.update_or_create(
        project=project, title=title.strip(), defaults={"start": start, "end": end, "budget_yuan": budget_yuan}
    )  # fmt: skip
    return task


def report(task: Task, day: dt.date, done: int | None, spent_yuan: int | None, person: User) -> Progress:
    """Report how far a task is (basis points) and what was spent so far; it raises ``bad-progress`` for what cannot be."""
    if day > timezone.localdate() or (done is None and spent_yuan is None):
        raise _progress(
            "报告日期不晚于今天，并至少填一项", "A report is of today or before, and says at least one thing"
        )
    if (done is not None and not 0 <= done <= 10_000) or (spent_yuan is not None and spent_yuan < 0):
        raise _progress(
            "完成比例在 0 到 100 之间，支出不为负", "A share lies between 0 and 100, and spending from 0"
        )
    return Progress.objects.create(task=task, day=day, done=done, spent_yuan=spent_yuan, person=person)


@transaction.atomic
def disclose(
    project: Project, kind: str, found: Document, person: User, day: dt.date | None = None
) -> Disclosed:
    """Make something public: its paper can be read by anyone from now on, and its hash is in the ledger.

    Raises
    ------
    HutongError
        ``no-paper`` for a kind of disclosure that is not known.
    """
    if kind not in disclosures():
        raise HutongError(
            "no-paper",
            Text(f"没有公开事项 {kind}。", f"There is no kind of disclosure {kind}."),
            Text("请在列表中选择。", "Choose one of the list."),
        )
    paper = hand_in(project, "progress_report" if kind == "progress" else "disclosed_document", found, person, public=True)  # fmt: skip
    if not paper.public:
        paper.public = True
        paper.save(update_fields=["public"])
    made, new = Disclosed.objects.get_or_create(
        project=project, kind=kind, paper=paper, defaults={"day": day or timezone.localdate(), "person": person}
    )  # fmt: skip
    if new:
        fields = {"subject": project.number, "kind": kind, "digest": paper.digest}
        ledger.record("document.disclosed", fields, place=project.place, by=person)
    return made


def _hash(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def _progress(zh: str, en: str) -> HutongError:
    return HutongError(
        "bad-progress", Text(f"{zh}。", f"{en}."), Text("请改正后再提交。", "Mend it and send again.")
    )
