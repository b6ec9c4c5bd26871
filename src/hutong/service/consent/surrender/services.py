"""The only writes to surrender projects and applications; the tables of states are :mod:`hutong.agree`'s."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from hutong.agree.offers import Offer, OfferLine, surrender_offer
from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.consent import clock
from hutong.service.consent.findable import of_surrender
from hutong.service.consent.models import Application, Project, Roll, Turn
from hutong.service.consent.rolls import selectors as rolls
from hutong.service.consent.surrender import selectors
from hutong.service.ledger import services as ledger
from hutong.service.search import services as search
from hutong.text import Text

#: Events of the application itself; the others are turns of the talk about its offer.
OWN = ("apply", "withdraw", "assess", "sign", "choose", "rescind", "hand_over")
#: Who may do what; ``mediate`` may be asked for by either side.
PARTY = {
    "apply": ("holder",), "withdraw": ("holder",), "rescind": ("holder",), "sign": ("holder",), "choose": ("holder",),
    "accept": ("holder",), "decline": ("holder",), "counter": ("holder",), "mediate": ("holder", "maker"),
    "assess": ("maker",), "offer": ("maker",), "take_counter": ("maker",), "hand_over": ("maker",),
    "settle": ("mediator",), "fail": ("mediator",),
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What comes with an event: figures of an offer, a sum, words, the form of compensation."""

    market_yuan_m2: int = 0
    replacement_yuan_m2: int = 0
    newness: Fraction = Fraction(1)
    awards: Mapping[str, int] | None = None
    sum_yuan: int | None = None
    words: str = ""
    form: str = ""


def make_project(roll: Roll, title: Text, terms: str, briefing_from: dt.date, by: User) -> Project:
    """Make a project of surrender on a roll of lessees.

    Raises
    ------
    HutongError
        ``wrong-roll``; ``no-document``; ``surrender-threshold`` if the rules ask for a share.
    """
    if roll.act != "lessees" or roll.state == "draft":
        raise HutongError(
            "wrong-roll",
            Text("退租项目须用已公示的承租人名册。", "A surrender needs a roll of lessees that was shown."),
            Text("请先导入并公示承租人名册。", "Import the roll of lessees and show it first."),
        )
    if not terms.strip():
        raise HutongError("no-document", Text("没有写明补偿口径。", "The terms are missing."), Text("请写项目公告全文。", "Write the whole announcement."))  # fmt: skip
    selectors.steps(briefing_from)
    now, digest = clock.now(), hashlib.sha256(terms.encode()).hexdigest()
    with transaction.atomic():
        made = Project.objects.create(
            roll=roll, place=roll.place, name_zh=title.zh, name_en=title.en, terms=terms, digest=digest, briefing_from=briefing_from,
            made=now, made_by=by,
        )  # fmt: skip
        search.put([of_surrender(made)])
        ledger.record(
            "document.disclosed",
            {"subject": made.code, "kind": "terms", "digest": digest},
            place=roll.place,
            by=by,
            at=now,
        )
    return made


@transaction.atomic
def apply(project: Project, dwelling_id: str, holder: str, token: uuid.UUID, by: User) -> Application:
    """Apply for a home, as its lessee; the same form sent again returns what was made.

    Raises
    ------
    HutongError
        ``held-back`` with the reason and the papers that clear it, as where the lessee has died and no successor is named;
        ``no-such-home``; ``applied`` if somebody applied for it; ``outside-window`` once the days of signing are over.
    """
    known = Turn.objects.select_related("application").filter(token=token).first()
    if known is not None:
        return known.application
    now = clock.now()
    days = selectors.window(project)
    if days is not None and not selectors.may_apply(project, timezone.localtime(now).date()):
        raise HutongError(
            "outside-window",
            Text(f"集中签约期已于 {days[1]} 结束，不再收申请。", f"The days of signing ended on {days[1]}; no more applications are taken."),
            Text("您继续住，租约和租金不变，还可以申请改善。", "You stay, lease and rent as they are, and may ask for improvement."),
        )  # fmt: skip
    book = rolls.book(project.roll)
    entry = next((e for e in book.entries if e.dwelling_id == dwelling_id), None)
    if entry is None or holder not in book.holders[entry.head]:
        raise selectors.not_on_roll(book, dwelling_id)
    try:
        with transaction.atomic():
            made = Application.objects.create(
                project=project, dwelling_id=dwelling_id, holder=holder, state="staying", talk="none", area_cm2=entry.area_cm2,
                tenure=entry.category,
            )  # fmt: skip
    except IntegrityError:
        made = Application.objects.select_for_update().get(project=project, dwelling_id=dwelling_id)
        if made.holder != holder or made.state != "staying":
            raise HutongError(
                "applied",
                Text("这处住房已有申请。", "There is an application for this home."),
                Text("请打开原来的申请。", "Open the one there is."),
            ) from None
    _turn(made, "apply", "holder", now, token, by, Said())
    return made


@transaction.atomic
def do(
    application: Application, event: str, party: str, said: Said, token: uuid.UUID, by: User
) -> Application:
    """Let a party do one thing to an application; state, ledger and history follow in one transaction.

    Raises
    ------
    HutongError
        ``not-now``, ``bad-surrender``, ``bad-round``, ``bad-offer`` as :mod:`hutong.agree` says why; ``not-agreed`` to sign
        without an agreed offer; ``outside-window`` for signing outside its days.
    """
    locked = (
        Application.objects.select_for_update(of=("self",))
        .select_related("project__place", "project__roll")
        .get(pk=application.pk)
    )
    known = Turn.objects.filter(token=token).first()
    if known is not None:
        return locked
    if party not in PARTY.get(event, ()):
        raise HutongError(
            "not-now",
            Text("不是该方的权利。", "It is not this party's to do."),
            Text("请刷新页面。", "Load the page again."),
        )
    _turn(locked, event, party, clock.now(), token, by, said)
    return locked


def _turn(
    locked: Application, event: str, party: str, now: dt.datetime, token: uuid.UUID, by: User, said: Said
) -> None:
    state, talk = selectors.state(locked), selectors.talk(locked)
    offer = _offer(locked, event, said)
    if event == "sign":
        selectors.check_signing(locked, talk, now)
    if event in OWN:
        state = state.does(event, now, said.form)
        if state.state == "staying":  # whoever withdrew begins anew
            talk = type(talk)(locked.dwelling_id)
    else:
        talk = talk.does(event, party, now, offer, said.words)
        if event == "offer" or (event in ("settle", "take_counter") and state.state == "assessed"):
            state = state.does("offer", now)
    locked.state, locked.talk, locked.form = state.state, talk.state, state.form
    locked.save()
    number = locked.turns.count() + 1
    Turn.objects.create(
        application=locked, number=number, event=event, party=party, at=now, offer=selectors.plain(offer), said=said.words.strip(),
        form=said.form, token=token, entry=_record(locked, event, talk, number, now, by), person=by,
    )  # fmt: skip


def _offer(locked: Application, event: str, said: Said) -> Offer | None:
    if event == "offer":
        return surrender_offer(
            locked.dwelling_id,
            locked.area_cm2,
            said.market_yuan_m2,
            said.replacement_yuan_m2,
            said.newness,
            said.awards,
        )
    if event in ("counter", "settle"):
        if said.sum_yuan is None or said.sum_yuan < 0:
            raise HutongError(
                "bad-offer",
                Text("没有写金额。", "The sum is missing."),
                Text("请写总额（元）。", "Write the sum in yuan."),
            )
        title = (
            Text("承租人提出", "Asked by the lessee")
            if event == "counter"
            else Text("调解达成", "Settled in mediation")
        )
        line = OfferLine(event, title, Text("总额", "in all"), said.sum_yuan)
        return Offer(locked.dwelling_id, "cash", (line,))
    return None


def _record(locked: Application, event: str, talk: Any, number: int, now: dt.datetime, by: User) -> Any:
    code, party = locked.project.code, f"{locked.dwelling_id}/{locked.holder}"
    table = talk.on_the_table
    terms = json.dumps(selectors.plain(table), ensure_ascii=False, sort_keys=True) if table else ""
    if event in ("offer", "settle"):
        return ledger.record(
            "offer.made",
            {"scheme": code, "version": number},
            {"party": party, "terms": terms},
            place=locked.place,
            by=by,
            at=now,
        )
    of = {"scheme": code, "procedure": "courtyard_surrender"}
    if event == "sign":
        return ledger.record(
            "agreement.signed", of, {"party": party, "terms": terms}, place=locked.place, by=by, at=now
        )
    if event == "rescind":
        return ledger.record("agreement.withdrawn", of, {"party": party}, place=locked.place, by=by, at=now)
    return None
