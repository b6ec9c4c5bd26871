"""The only writes to drafts: a change at one place, its undoing, and a whole document brought in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from hutong.errors import HutongError
from hutong.plan.document import SchemeDocument
from hutong.plan.document_plain import to_plain
from hutong.service.accounts.models import User
from hutong.service.schemes import selectors
from hutong.service.schemes.models import Edit, Scheme
from hutong.text import Text

#: Parts of a draft that are mappings, changed key by key; the others are changed as one.
KEYED = ("choices", "terms", "budget", "uncounted", "justifications")
SINGLE = ("far_bonus", "note")
WHOLE = "whole"


@dataclass(frozen=True)
class Change:
    """A change: of which part, at which key, to what (None: taken out), made on which revision of the draft."""

    part: str
    key: str
    value: Any
    revision: int


def changed(draft: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """Return a draft after a change; the one given stays as it is."""
    out = dict(draft)
    if change.part == WHOLE:
        return dict(change.value)
    if change.part in SINGLE:
        out[change.part] = change.value
        return out
    part = dict(out[change.part])
    part.pop(change.key, None)
    if change.value is not None:
        part[change.key] = change.value
    out[change.part] = part
    return out


def _at(draft: Mapping[str, Any], part: str, key: str) -> Any:
    if part == WHOLE:
        return dict(draft)
    return draft[part].get(key) if part in KEYED else draft[part]


@transaction.atomic
def put(found: Scheme, change: Change, person: User) -> Scheme:
    """Change a draft. What others changed elsewhere meanwhile stays; at the same place nobody is overwritten.

    Raises
    ------
    HutongError
        ``draft-moved`` where somebody else changed the same place since ``change.revision``; ``no-such-revision`` for one to
        come; ``not-a-draft``.
    """
    locked = Scheme.objects.select_for_update().get(pk=found.pk)
    selectors.be_draft(locked)
    if change.revision > locked.revision:
        raise HutongError(
            "no-such-revision",
            Text(
                "草稿没有到过这一步，改动没有存入。", "The draft never stood there; the change was not kept."
            ),
            Text("请重新打开页面再改。", "Open the page again, then change it."),
        )
    since = locked.edits.filter(revision__gt=change.revision)
    same = since.filter(part=WHOLE) | since.filter(part=change.part, key=change.key)
    if (since if change.part == WHOLE else same).exclude(person=person).exists():
        last = since.select_related("person").first()
        who = "" if last is None else last.person.get_full_name() or last.person.get_username()
        raise HutongError(
            "draft-moved",
            Text(f"这里刚被{who}改过，您的改动没有存入。", f"{who} just changed this; yours was not kept."),
            Text("请看过现在的内容再改。", "Look at it as it stands now, then change it."),
        )
    return _write(locked, change, person)


def _write(locked: Scheme, change: Change, person: User, undone: bool = False) -> Scheme:
    before = _at(locked.draft, change.part, change.key)
    if before == change.value:
        return locked
    locked.revision += 1
    Edit.objects.create(
        scheme=locked, revision=locked.revision, part=change.part, key=change.key, before=before, after=change.value,
        undone=undone, person=person,
    )  # fmt: skip
    locked.draft = changed(locked.draft, change)
    locked.changed = timezone.now()
    locked.save(update_fields=["draft", "revision", "changed"])
    return locked


@transaction.atomic
def undo(found: Scheme, person: User) -> tuple[Scheme, Edit]:
    """Take back the last change of a person that was not taken back yet; return it too.

    Raises
    ------
    HutongError
        ``nothing-to-undo``; ``draft-moved`` where somebody else changed the same place since.
    """
    locked = Scheme.objects.select_for_update().get(pk=found.pk)
    selectors.be_draft(locked)
    last = locked.edits.filter(person=person, undone=False).first()
    if last is None:
        raise HutongError(
            "nothing-to-undo",
            Text("没有可以撤销的改动。", "There is nothing to undo."),
            Text("只能撤销自己的改动。", "Only your own changes can be undone."),
        )
    if _at(locked.draft, last.part, last.key) != last.after:
        raise HutongError(
            "draft-moved",
            Text("这里后来又被改过，没有撤销。", "This was changed again since; nothing was undone."),
            Text("请直接修改现在的内容。", "Change it as it stands now."),
        )
    last.undone = True
    last.save(update_fields=["undone"])
    change = Change(last.part, last.key, last.before, locked.revision)
    return _write(locked, change, person, undone=True), last


def bring_in(found: Scheme, document: SchemeDocument, person: User, revision: int) -> Scheme:
    """Put a whole document in place of a draft; it can be undone. It raises as :func:`put` does."""
    own = selectors.draft_of(found)
    plain = to_plain(document)
    for key in ("id", "title", "city", "snapshot", "jurisdiction"):
        plain[key] = to_plain(own)[key]
    return put(found, Change(WHOLE, "", plain, revision), person)
