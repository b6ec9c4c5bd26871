"""The only writes to permits, defects and change orders, and to what residents find on site."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from hutong.act.machine import Deed
from hutong.act.projects import begin_change
from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.ledger import services as ledger
from hutong.service.projects import services as projects
from hutong.service.projects.models import Inspection, Project, SitePhoto, Thing, ThingDeed
from hutong.service.projects.things import selectors
from hutong.service.requests.photos import Picture
from hutong.service.requests.services import keep as keep_picture
from hutong.service.web.papers import Document
from hutong.service.web.papers import keep as keep_paper
from hutong.text import Text

MOST_PHOTOS = 5


def begin(
    project: Project, machine: str, kinds: Sequence[str], words: str, person: User, token: uuid.UUID
) -> Thing:
    """Open a permit, defect or change order; sending the same form again returns what was opened.

    Raises
    ------
    HutongError
        ``no-change`` for kinds of change that are not known; ``no-permit`` for what is no permit.
    """
    known = Thing.objects.filter(token=token).first()
    if known is not None:
        return known
    if machine == "change":
        begin_change("new", kinds, timezone.now())
    if machine == "permit" and (len(kinds) != 1 or kinds[0] not in selectors.PERMITS):
        raise HutongError(
            "no-permit",
            Text("请选择一种许可。", "Choose one kind of permit."),
            Text("每项许可单独登记。", "Each permit is entered by itself."),
        )
    try:
        with transaction.atomic():
            return _insert(project, machine, kinds, words, person, token)
    except IntegrityError:
        return Thing.objects.get(token=token)


def _insert(
    project: Project, machine: str, kinds: Sequence[str], words: str, person: User, token: uuid.UUID
) -> Thing:
    now = timezone.now()
    start = selectors.machine_of(machine).start
    made = Thing.objects.create(
        token=token, project=project, machine=machine, kinds=list(kinds), words=words.strip()[:500], owner=person,
        opened=now, state=start, changed=now,
    )  # fmt: skip
    fields = {"project": project.number, "matter": f"{machine}-{made.pk}", "event": "open", "to": start}
    ledger.record("matter.moved", fields, {"said": words}, place=project.place, by=person, at=now)
    return made


@transaction.atomic
def do(
    found: Thing,
    event: str,
    by: str,
    person: User,
    said: Mapping[str, Any],
    document: Document | None = None,
    photos: Sequence[Picture] = (),
) -> Thing:
    """Let something happen to a thing; its state, its clock and the ledger follow in one transaction.

    Raises
    ------
    HutongError
        ``act-event`` if it may not happen now; nothing is written.
    """
    locked = Thing.objects.select_for_update().get(pk=found.pk)
    given = dict(said)
    if document is not None:
        keep_paper(document)
        given["document"] = document.digest
    at = timezone.localtime()
    after = selectors.standing(locked).after(Deed(event, at, by, given))
    made = ThingDeed.objects.create(
        thing=locked, n=locked.deeds_done + 1, event=event, at=at, by=by, said=given, person=person
    )
    _add_photos(photos, deed=made)
    if document is not None:
        kind = locked.kinds[0] if locked.machine == "permit" and event == "grant" else "matter_paper"
        projects.hand_in(locked.project, kind, document, person)
    clock = after.due(selectors.limits(locked), at)
    locked.state, locked.due = after.state, None if clock is None else clock.ends
    locked.changed, locked.deeds_done = at, made.n
    locked.save()
    fields = {"project": locked.project.number, "matter": f"{locked.machine}-{locked.pk}", "event": event, "to": after.state}  # fmt: skip
    ledger.record("matter.moved", fields, {"said": given}, place=locked.place, by=person, at=at)
    return locked


def inspect(
    project: Project,
    day: dt.date,
    words: str,
    person: User,
    *,
    token: uuid.UUID,
    photos: Sequence[Picture] = (),
    defect: bool = False,
) -> Inspection:
    """Log a visit to the site, and open a defect if there is one; sending the same form again logs it once.

    Raises
    ------
    HutongError
        ``bad-inspection`` for a day to come, no words, or too many photos.
    """
    known = Inspection.objects.filter(token=token).first()
    if known is not None:
        return known
    if day > timezone.localdate() or not words.strip() or len(photos) > MOST_PHOTOS:
        raise HutongError(
            "bad-inspection",
            Text(f"请写明看到了什么、哪一天（不晚于今天），最多 {MOST_PHOTOS} 张照片。", f"Say what was seen and on which day (not after today), with up to {MOST_PHOTOS} photos."),
            Text("请改正后再提交。", "Mend it and send again."),
        )  # fmt: skip
    try:
        with transaction.atomic():
            opened = _insert(project, "defect", (), words, person, uuid.uuid4()) if defect else None
            made = Inspection.objects.create(
                token=token, project=project, day=day, words=words.strip(), defect=opened, person=person
            )
            _add_photos(photos, inspection=made)
            return made
    except IntegrityError:
        return Inspection.objects.get(token=token)


def _add_photos(photos: Sequence[Picture], **of: Any) -> None:
    for picture in photos:
        keep_picture(picture)
    SitePhoto.objects.bulk_create(
        SitePhoto(name=p.name, width=p.width, height=p.height, **of) for p in photos
    )
