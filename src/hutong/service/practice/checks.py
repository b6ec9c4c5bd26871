"""Whether a step was truly done: read from the record that the deed itself left, never from what a trainee says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import reverse

from hutong.service.bodies.models import Attendance, Commitment, FollowUp, Meeting
from hutong.service.checkup.models import Run
from hutong.service.consent.models import Ballot, Motion
from hutong.service.council.models import Owed, PhaseChange, Statement
from hutong.service.practice.models import Attempt
from hutong.service.requests.models import Step
from hutong.service.schemes.models import Edit, Scheme, SchemeDeed, Version
from hutong.service.twin.models import PUBLISHED

Check = Callable[[Attempt], bool]


def _case(event: str, mine: bool = True) -> Check:
    def done(a: Attempt) -> bool:
        rows = Step.objects.filter(request_id=a.things["request"], event=event)
        return bool((rows.filter(person=a.owner) if mine else rows).exists())

    return done


def _phase(name: str) -> Check:
    def done(a: Attempt) -> bool:
        return bool(
            PhaseChange.objects.filter(process_id=a.things["process"], phase=name, by=a.owner).exists()
        )

    return done


def _proposed(kind: str, which: str) -> Check:
    def done(a: Attempt) -> bool:
        rows = Motion.objects.filter(kind=kind, subject=a.things[which], proposed_by=a.owner)
        return bool(rows.exclude(state="rejected").exists())

    return done


def _vote(which: str, *states: str) -> Check:
    """Hold once a vote is in one of some states by a motion of the trainee that another person confirmed."""

    def done(a: Attempt) -> bool:
        kind = {"open": "ballot.open", "closed": "ballot.close", "counted": "ballot.count"}[states[0]]
        rows = Motion.objects.filter(kind=kind, subject=a.things[which], state="done", proposed_by=a.owner)
        return (
            bool(rows.exclude(decided_by=a.owner).exists())
            and Ballot.objects.filter(pk=a.things[which], state__in=states).exists()
        )

    return done


def _made(a: Attempt) -> bool:
    return bool(Run.objects.filter(made_by=a.owner, made_at__gte=a.began).exists())


def _published(a: Attempt) -> bool:
    return bool(Run.objects.filter(made_by=a.owner, made_at__gte=a.began, state=PUBLISHED).exists())


def _said(a: Attempt) -> bool:
    return bool(Statement.objects.filter(process_id=a.things["process"], kind="proposal").count() >= 2)


def _answered(a: Attempt) -> bool:
    owed = Owed.objects.filter(statement__process_id=a.things["process"])
    mine = owed.filter(answers__by=a.owner).distinct()
    return bool(owed.exists()) and mine.count() == owed.count()


def scheme_of(a: Attempt) -> Scheme | None:
    """Return the scheme that a trainee opened in an attempt, the newest."""
    return Scheme.objects.filter(owner=a.owner, opened__gte=a.began).order_by("-pk").first()


def _changed(a: Attempt) -> bool:
    return bool(Edit.objects.filter(scheme=scheme_of(a), person=a.owner).exists())


def _kept(a: Attempt) -> list[bool]:
    """Return of each version that the trainee kept, in order, whether it breaks a rule."""
    rows = Version.objects.filter(scheme=scheme_of(a), person=a.owner).order_by("n")
    return [bool(v.summary["violations"]) for v in rows if v.summary is not None]


def _mended(a: Attempt) -> bool:
    kept = _kept(a)
    return True in kept and False in kept[kept.index(True) :]


def _scheme(event: str) -> Check:
    """Hold once something happened to the scheme by somebody else than the trainee."""

    def done(a: Attempt) -> bool:
        rows = SchemeDeed.objects.filter(scheme=scheme_of(a), event=event)
        return bool(rows.exclude(person=a.owner).exists())

    return done


def _attended(a: Attempt) -> bool:
    return bool(Attendance.objects.filter(meeting_id=a.things["meeting"], seat_id=a.things["seat"]).exists())


def _promised(a: Attempt) -> bool:
    rows = Commitment.objects.filter(meeting_id=a.things["meeting"], seat_id=a.things["seat"])
    return (
        bool(rows.exists())
        and Meeting.objects.filter(pk=a.things["meeting"], published__isnull=False).exists()
    )


def _reported(a: Attempt) -> bool:
    rows = FollowUp.objects.filter(commitment__meeting_id=a.things["meeting"], by=a.owner, done=True)
    return bool(rows.exists())


CHECKS: Mapping[str, Mapping[str, Check]] = {
    "dispatch": {
        "take_in": _case("take_in"), "dispatch": _case("dispatch"), "sign_for": _case("sign_for"), "reply": _case("reply"),
        "closed": _case("confirm", mine=False),
    },
    "whistle": {"whistle": _case("whistle"), "report_in": _case("finish_part", mine=False), "reply": _case("reply")},
    "checkup": {"made": _made, "published": _published},
    "council": {
        "collect": _phase("collect"), "proposed": _said, "discuss": _phase("discuss"), "answer": _phase("answer"),
        "answered": _answered, "decide": _phase("decide"), "decided": _phase("build"),
    },
    "vote": {
        "open_proposed": _proposed("ballot.open", "to_open"), "opened": _vote("to_open", "open", "closed", "counted"),
        "close_proposed": _proposed("ballot.close", "to_close"), "closed": _vote("to_close", "closed", "counted"),
        "count_proposed": _proposed("ballot.count", "to_close"), "counted": _vote("to_close", "counted"),
    },
    "scheme": {
        "opened": lambda a: scheme_of(a) is not None, "changed": _changed, "broken": lambda a: True in _kept(a), "mended": _mended,
        "advised": _scheme("advise"), "published": _scheme("publish"),
    },
    "member": {"attended": _attended, "promised": _promised, "reported": _reported},
}  # fmt: skip


def place_of(a: Attempt, step: str) -> str:
    """Return the address where a step is done."""
    t: Mapping[str, Any] = a.things
    if a.exercise in ("dispatch", "whistle"):
        return reverse("request_case", args=[t["request"]])
    if a.exercise == "checkup":
        run = Run.objects.filter(made_by=a.owner, made_at__gte=a.began).first()
        return reverse("snapshot", args=[t["snapshot"]]) if run is None else reverse("checkup", args=[run.pk])
    if a.exercise == "council":
        return (
            reverse("council_owed") if step == "answered" else reverse("council_process", args=[t["process"]])
        )
    if a.exercise == "vote":
        return reverse("ballot", args=[t["to_open" if step in ("open_proposed", "opened") else "to_close"]])
    if a.exercise == "scheme":
        scheme = scheme_of(a)
        if scheme is None:
            return reverse("scheme_new")
        return reverse(
            "scheme_studio" if step in ("changed", "broken", "mended") else "scheme", args=[scheme.pk]
        )
    promise = Commitment.objects.filter(meeting_id=t["meeting"], seat_id=t["seat"]).first()
    if step == "reported" and promise is not None:
        return reverse("commitment", args=[promise.pk])
    return reverse("meeting", args=[t["meeting"]])
