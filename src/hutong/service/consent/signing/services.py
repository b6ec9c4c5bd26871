"""The only writes to conditional signings; what may happen when is :class:`hutong.agree.Signing`'s to say."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from hutong.agree.rule import signing_rule
from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.consent import clock
from hutong.service.consent.ballots.kept_rule import kept, rules_on, sources
from hutong.service.consent.findable import of_signing
from hutong.service.consent.models import Roll, Signing, SigningAct
from hutong.service.consent.signing import selectors
from hutong.service.ledger import services as ledger
from hutong.service.search import services as search
from hutong.text import Text


def draft(
    roll: Roll, act: str, title: Text, terms: str, deadline: dt.datetime, early: bool, by: User
) -> Signing:
    """Make a signing as a draft; its threshold is that of the rules of the day.

    Raises
    ------
    HutongError
        ``unknown-act`` or ``act-without-share``; ``no-document``.
    """
    now = clock.now()
    rules = rules_on(now.date())
    rule = signing_rule(rules, act)
    if not terms.strip() or deadline <= now:
        raise HutongError(
            "no-document",
            Text("缺协议文本，或截止时间已过。", "The terms are missing, or the deadline lies in the past."),
            Text("请写协议全文和截止时间。", "Write the whole agreement and a later deadline."),
        )
    made = Signing.objects.create(
        roll=roll, place=roll.place, act=act, name_zh=title.zh, name_en=title.en, terms=terms,
        digest=hashlib.sha256(terms.encode()).hexdigest(), deadline=deadline, early=early, rule=kept(rule), sources=sources(rule, rules),
        made=now, made_by=by,
    )  # fmt: skip
    search.put([of_signing(made)])
    return made


def open_signing(pk: int, _asked: Mapping[str, Any], by: tuple[User, User]) -> None:
    """Open a signing on its frozen roll; terms, threshold and deadline stand from now on. Done by two persons."""
    locked, now = _row(pk), clock.now()
    if locked.roll.state != "frozen":
        raise HutongError(
            "roll-not-frozen",
            Text("名册还没有冻结。", "The roll is not frozen yet."),
            Text("请先由两人冻结名册。", "Two persons freeze it first."),
        )
    locked.version = locked.roll.versions.order_by("-number").values_list("number", flat=True)[0]
    after = selectors.signing(locked).publish(now)
    told = {"subject": locked.code, "kind": "terms", "digest": locked.digest}
    entry = ledger.record("document.disclosed", told, place=locked.place, by=by[0], at=now)
    _add(locked, after, uuid.uuid4(), entry, by[1])


@transaction.atomic
def act(
    signing: Signing,
    event: str,
    head: str,
    signer: str,
    token: uuid.UUID,
    *,
    user: User | None,
    entered_by: User | None = None,
) -> SigningAct:
    """Sign, withdraw or join, as the signer or at the counter; the same form sent again does nothing.

    Raises
    ------
    HutongError
        ``signing-refused`` or ``not-now``, as :class:`hutong.agree.Signing` says why.
    """
    locked = _row(signing.pk)
    known = SigningAct.objects.filter(token=token).first()
    if known is not None and (known.signing_id, known.head, known.signer) == (locked.pk, head, signer):
        return known
    now = clock.now()
    stands = selectors.signing(locked)
    deeds = {"sign": stands.sign, "withdraw": stands.withdraw, "join": stands.join}
    if known is not None or event not in deeds:
        raise HutongError(
            "signing-refused",
            Text("这张表单不能这样用。", "This form cannot be used so."),
            Text("请重新打开签约页面。", "Open the page of the signing again."),
        )
    after = deeds[event](head, signer, now)
    of = {"scheme": locked.code, "procedure": locked.act}
    party = {"party": f"{head}/{signer}"}
    if event == "withdraw":
        entry = ledger.record("agreement.withdrawn", of, party, place=locked.place, by=user, at=now)
    else:
        entry = ledger.record(
            "agreement.signed", of, {**party, "terms": locked.digest}, place=locked.place, by=user, at=now
        )
    return _add(locked, after, token, entry, entered_by)


def settle(pk: int, _asked: Mapping[str, Any], by: tuple[User, User]) -> None:
    """Settle a signing: in effect for all who signed, or void for all. Done by two persons."""
    locked, now = _row(pk), clock.now()
    after = selectors.signing(locked).settle(now)
    told = {"subject": locked.code, "decision": after.state, "by": "threshold", "digest": locked.digest}
    entry = ledger.record("decision.taken", told, place=locked.place, by=by[0], at=now)
    _add(locked, after, uuid.uuid4(), entry, by[1])


def _add(locked: Signing, after: Any, token: uuid.UUID, entry: Any, entered_by: User | None) -> SigningAct:
    done, before = after.log[-1], locked.state
    locked.state = after.state
    locked.save()
    if locked.state != before:
        search.put([of_signing(locked)])
    return SigningAct.objects.create(
        signing=locked, number=len(after.log), event=done.event, head=done.head, signer=done.signer, at=done.at, token=token,
        entry=entry, entered_by=entered_by,
    )  # fmt: skip


def _row(pk: int) -> Signing:
    return Signing.objects.select_for_update(of=("self",)).select_related("roll", "place").get(pk=pk)
