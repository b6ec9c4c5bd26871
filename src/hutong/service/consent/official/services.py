"""The only writes of what an official system gave: its ballots, its totals and their document."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

import pandas as pd
from django.db import transaction

from hutong.agree.act_files import CHOICES, moment
from hutong.agree.ballot_box import Ballot as Marked
from hutong.agree.totals import Totals
from hutong.errors import HutongError, Row
from hutong.service.accounts.models import User
from hutong.service.consent import clock
from hutong.service.consent.ballots import box
from hutong.service.consent.ballots import selectors as ballots
from hutong.service.consent.ballots.services import NUMBERS, WORDS, Answer, lock, take
from hutong.service.consent.counting.services import enter_result
from hutong.service.consent.models import Ballot, Cast, Motion, OfficialDocument
from hutong.service.consent.motions.services import propose
from hutong.service.consent.official import selectors
from hutong.service.consent.seal import close as seal
from hutong.service.consent.seal import open_
from hutong.service.ledger import services as ledger
from hutong.service.web.papers import Document, keep
from hutong.text import Text

#: Columns of an official system's file, and what they hold.
OFFICIAL = {
    "dwelling_id": Text("房屋编号，与名册一致", "the home, as on the roll"),
    "choice": Text("同意、反对或弃权", "for, against or abstain"),
    "at": Text("投票时间", "when it was cast"),
    "reference": Text("官方系统中的票号", "its number in the official system"),
}


def seal_official(ballot: Ballot, table: pd.DataFrame) -> dict[str, Any]:
    """Return the ballots of an official system's file as a motion keeps them: sealed, with how many and their hash.

    Raises
    ------
    HutongError
        ``bad-official`` naming each row that does not fit; ``not-official`` where online ballots are not reserved.
    """
    if not ballot.official_online_only:
        raise selectors.not_official()
    rows, faults = [], []
    missing = [c for c in OFFICIAL if c not in table]
    for number, row in enumerate(table.to_dict("records") if not missing else [], start=2):
        cell = {str(k): "" if v is None or v != v else str(v).strip() for k, v in row.items()}
        try:
            rows.append(_official_row(ballot, cell))
        except HutongError as caught:
            faults.append(Row(f"第 {number} 行：{caught.what.zh}", f"row {number}: {caught.what.en}"))
    if missing or faults or not rows:
        raise HutongError(
            "bad-official",
            Text("官方系统的文件不合格，整份未导入。", "The file of the official system does not fit; nothing was entered."),
            Text(
                f"需要这些列：{'、'.join(f'{c}（{t.zh}）' for c, t in OFFICIAL.items())}。请更正所列各处。",
                f"It needs the columns {', '.join(f'{c} ({t.en})' for c, t in OFFICIAL.items())}. Correct what is listed.",
            ),
            [*(Row(f"缺少列 {c}（{OFFICIAL[c].zh}）", f"column {c} is missing ({OFFICIAL[c].en})") for c in missing), *faults],
        )  # fmt: skip
    text = json.dumps(rows, ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {
        "rows": len(rows),
        "digest": digest,
        "sealed": seal(box.key(ballot), rows, "official").hex(),
    }


def _bad_cell(column: str, wrong: Text) -> HutongError:
    """Return what a cell of an official system's file is refused with."""
    called = OFFICIAL[column]
    return HutongError(
        "bad-official",
        Text(f"{column}（{called.zh}）{wrong.zh}。", f"{column} ({called.en}) {wrong.en}."),
        Text("请更正这一格。", "Correct this cell."),
    )


def _official_row(ballot: Ballot, cell: Mapping[str, str]) -> dict[str, str]:
    choice = CHOICES.get(cell["choice"].lower())
    if choice is None:
        raise _bad_cell(
            "choice",
            Text(
                f"“{cell['choice']}”不是同意、反对或弃权",
                f"{cell['choice']!r} is not for, against or abstain",
            ),
        )
    if not cell["reference"]:
        raise _bad_cell("reference", Text("缺少", "is missing"))
    try:
        at = moment(cell["at"])
    except ValueError as caught:
        raise _bad_cell("at", Text(f"“{cell['at']}”不是时间", f"{cell['at']!r} is not a time")) from caught
    head, signer = ballots.signer_at(ballot, cell["dwelling_id"], cell.get("signer", ""))
    box.empty_box(ballot).cast(Marked(head, signer, choice, at, "online", cell["reference"], official=True))
    return {
        "head": head,
        "signer": signer,
        "choice": WORDS[choice],
        "at": at.isoformat(),
        "reference": cell["reference"][:60],
    }


def import_official(pk: int, asked: Mapping[str, Any], by: tuple[User, User]) -> None:
    """Take the ballots of an official system's file, as two persons confirm; a file is taken once.

    Raises
    ------
    HutongError
        ``not-now``; ``token-used`` for a ballot that was taken before.
    """
    locked = lock(Ballot(pk=pk), "open", "closed")
    now = clock.now()
    for row in open_(box.key(locked), bytes.fromhex(asked["sealed"]), "official"):
        token = uuid.uuid5(uuid.NAMESPACE_URL, f"{locked.code}/official/{row['reference']}")
        if Cast.objects.filter(token=token).exists():
            raise HutongError(
                "token-used",
                Text(f"官方系统的票 {row['reference']} 已导入。", f"Ballot {row['reference']} of the official system was taken already."),
                Text("请去掉已导入的行。", "Leave out the rows that were taken."),
            )  # fmt: skip
        at = dt.datetime.fromisoformat(row["at"])
        take(
            locked,
            Answer(
                row["head"],
                row["signer"],
                NUMBERS[row["choice"]],
                "official",
                token,
                sheet=row["reference"],
                at=at,
            ),
            now,
        )


@transaction.atomic
def propose_totals(
    ballot: Ballot, totals: Totals, said: Mapping[str, str], file: Document, by: User
) -> Motion:
    """Propose the totals of the official system as a result, and keep the document they are in.

    ``said`` is what the document is called, its ``reference`` and when it is ``dated``.

    Raises
    ------
    HutongError
        As :func:`count_official` and :func:`hutong.service.consent.motions.services.propose` do; then nothing is kept.
    """
    OfficialDocument.objects.get_or_create(
        ballot=ballot, digest=file.digest,
        defaults={"suffix": file.suffix, "size": len(file.data), "at": clock.now(), "by": by},
    )  # fmt: skip
    document = {name: said[name] for name in ("called", "reference", "dated")} | {"sha256": file.digest}
    asked = {"heads": totals.heads, "area": totals.area_cm2, "document": document}
    made = propose("ballot.totals", ballot.pk, ballot.place, by, asked)
    keep(file)
    return made


def count_official(pk: int, asked: Mapping[str, Any], by: tuple[User, User]) -> None:
    """Take the totals of the official system as the result of a closed vote; done by two persons.

    The ledger keeps the fingerprint of the document and the result.

    Raises
    ------
    HutongError
        ``not-now``; ``document-not-kept`` if there is only its hash; and as :func:`selectors.count_official` raises.
    """
    locked = lock(Ballot(pk=pk), "closed")
    now = clock.now()
    document = {name: str(asked["document"][name]) for name in ("called", "reference", "dated", "sha256")}
    result = selectors.count_official(locked, Totals(asked["heads"], asked["area"]), document, now)
    if not locked.official_documents.filter(digest=document["sha256"]).exists():
        raise HutongError(
            "document-not-kept",
            Text("没有存下官方系统的文件，只有它的指纹。", "The document of the official system was not kept, only its fingerprint."),
            Text("请退回，连同文件重新提出。", "Reject it and propose it again with the document."),
        )  # fmt: skip
    filed = {"subject": locked.code, "kind": "official-result", "digest": document["sha256"]}
    ledger.record("document.filed", filed, place=locked.place, by=by[0], at=now)
    enter_result(locked, result, now, by[0])
