"""The only writes to drafts."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from hutong.agree.statements import hide_reasons
from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.council.models import Comment, Draft, Paragraph, Process
from hutong.text import Text

MOST_PARAGRAPHS = 200


@transaction.atomic
def put(of: Process, title: str, text: str, owner: User | None, token: uuid.UUID) -> Draft:
    """Put a draft up for comment; an empty line ends a paragraph. The same form twice puts up one.

    Raises
    ------
    HutongError
        ``bad-draft`` without a title or text, or with too many paragraphs.
    """
    known = Draft.objects.filter(token=token).first()
    if known is not None:
        return known
    parts = [" ".join(part.split()) for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    if not title.strip() or not 0 < len(parts) <= MOST_PARAGRAPHS:
        raise _bad("bad-draft", f"文稿要有标题和 1 到 {MOST_PARAGRAPHS} 段。", f"A draft has a title and 1 to {MOST_PARAGRAPHS} paragraphs.",
                   "段与段之间空一行。", "Leave an empty line between paragraphs.")  # fmt: skip
    Process.objects.select_for_update().get(pk=of.pk)
    last = of.drafts.values_list("n", flat=True).first() or 0
    made = Draft.objects.create(process=of, token=token, n=last + 1, title=title.strip()[:120], owner=owner)
    Paragraph.objects.bulk_create(Paragraph(draft=made, n=n, words=words) for n, words in enumerate(parts, 1))
    return made


def comment(on: Paragraph, owner: User, words: str, token: uuid.UUID) -> Comment:
    """Say something of a paragraph; the same form twice says it once.

    Raises
    ------
    HutongError
        ``bad-comment`` if it is too short or long.
    """
    said = words.strip()
    if not 2 <= len(said) <= 300:
        raise _bad("bad-comment", "请用 2 到 300 字写。", "Write 2 to 300 characters.", "请补充或精简。", "Add to it or shorten it.")  # fmt: skip
    made, _ = Comment.objects.get_or_create(
        token=token, defaults={"paragraph": on, "owner": owner, "words": said}
    )
    return made


@transaction.atomic
def answer(to: Comment, words: str, by: User) -> Comment:
    """Answer a comment, once.

    Raises
    ------
    HutongError
        ``bad-answer`` without words; ``answered`` if it was answered otherwise before.
    """
    said = words.strip()
    if not 2 <= len(said) <= 1000:
        raise _bad("bad-answer", "没有写答复。", "There is no answer.", "请写采纳与否和理由。", "Say whether it is taken up, and why.")  # fmt: skip
    locked = Comment.objects.select_for_update().get(pk=to.pk)
    if locked.answered is not None:
        if locked.answer == said:
            return locked
        raise _bad("answered", "已经答复过了。", "It was answered already.", "答复公开后不改。", "An answer stays as it is.")  # fmt: skip
    locked.answer, locked.answered, locked.by = said, timezone.now(), by
    locked.save(update_fields=["answer", "answered", "by"])
    return locked


def hide(of: Comment, reason: str) -> None:
    """Hide a comment with a reason; its words are kept.

    Raises
    ------
    HutongError
        ``no-reason`` if it is none of the reasons.
    """
    if reason not in hide_reasons():
        raise _bad("no-reason", "隐藏须写明理由。", "It is hidden only for a stated reason.", "请从列表中选。", "Choose one of the list.")  # fmt: skip
    of.hidden = reason
    of.save(update_fields=["hidden"])


def _bad(code: str, zh: str, en: str, hint_zh: str, hint_en: str) -> HutongError:
    return HutongError(code, Text(zh, en), Text(hint_zh, hint_en))
