"""Reading surrender projects and applications."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pandas as pd
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

import rules
from hutong.agree.equal_treatment import unequal_offers
from hutong.agree.offers import MOVES as TALK
from hutong.agree.offers import Negotiation, Offer, OfferLine
from hutong.agree.roll_book import RollBook
from hutong.agree.surrender import MOVES, Step, Surrender, surrender_forms, surrender_steps
from hutong.errors import HutongError
from hutong.few import told
from hutong.sense.title_rule import gap_book
from hutong.service.consent.ballots.kept_rule import rules_on
from hutong.service.consent.models import Application, Project
from hutong.service.consent.rolls import selectors as rolls
from hutong.text import Text

STATES = {
    "staying": Text("未申请，继续居住", "not applied: stays"),
    "applied": Text("已申请", "applied"),
    "assessed": Text("已评估", "valued"),
    "offered": Text("已收到方案", "has an offer"),
    "signed": Text("已签约", "signed"),
    "chosen": Text("已选补偿方式", "has chosen"),
    "surrendered": Text("已腾房", "handed over"),
}
TALKS = {
    "none": Text("还没有方案", "no offer yet"),
    "offered": Text("方案待答复", "an offer waits for an answer"),
    "countered": Text("承租人提出了另一个数", "the lessee asked for another sum"),
    "mediation": Text("调解中", "in mediation"),
    "declined": Text("未接受", "declined"),
    "agreed": Text("已谈妥", "agreed"),
}
EVENTS = {
    "apply": Text("申请退租", "Apply"), "withdraw": Text("撤回申请", "Withdraw"), "assess": Text("完成评估", "Valuation done"),
    "offer": Text("提出方案", "Make an offer"), "counter": Text("提出另一个数", "Ask for another sum"), "accept": Text("接受方案", "Accept the offer"),
    "decline": Text("不接受", "Decline"), "take_counter": Text("同意承租人的数", "Take the lessee's sum"), "mediate": Text("请求调解", "Ask for mediation"),
    "settle": Text("调解达成", "Settled"), "fail": Text("调解未成", "Not settled"), "sign": Text("签约", "Sign"),
    "choose": Text("选补偿方式", "Choose the form"), "rescind": Text("解除签约", "Take the signature back"), "hand_over": Text("交房", "Hand over"),
}  # fmt: skip
PARTIES = {
    "holder": Text("承租人", "lessee"),
    "maker": Text("实施主体", "implementing body"),
    "mediator": Text("调解人", "mediator"),
}


def project(pk: int) -> Project:
    """Return a project, or raise ``Http404``."""
    found = Project.objects.select_related("place", "roll__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def projects() -> QuerySet[Project]:
    """Return all projects, newest first; they are public."""
    return Project.objects.select_related("place")


def application(pk: int) -> Application:
    """Return an application, or raise ``Http404``."""
    found = Application.objects.select_related("project__place", "project__roll__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def state(of: Application) -> Surrender:
    """Return where an application stands, with the moment of its last turn."""
    turns = list(of.turns.order_by("number"))
    return Surrender(of.dwelling_id, of.state, of.form, tuple((t.event, t.at) for t in turns))


def talk(of: Application) -> Negotiation:
    """Return the talk about the offer, since the last application; nothing of it is overwritten."""
    out = Negotiation(of.dwelling_id)
    for t in of.turns.order_by("number"):
        if t.event in ("withdraw", "rescind"):
            out = Negotiation(of.dwelling_id)
        elif any(t.event in moves for moves in TALK.values()):
            out = out.does(t.event, t.party, t.at, offer_of(t.offer), t.said)
    return out


def plain(offer: Offer | None) -> dict[str, Any] | None:
    """Return an offer as it is stored."""
    if offer is None:
        return None
    lines = [[x.id, x.title.zh, x.title.en, x.formula.zh, x.formula.en, x.amount_yuan] for x in offer.lines]
    return {"home": offer.dwelling_id, "form": offer.form, "lines": lines}


def offer_of(stored: dict[str, Any] | None) -> Offer | None:
    """Return an offer from how it is stored."""
    if stored is None:
        return None
    lines = tuple(OfferLine(i, Text(a, b), Text(c, d), n) for i, a, b, c, d, n in stored["lines"])
    return Offer(stored["home"], stored["form"], lines)


def steps(briefing_from: dt.date) -> tuple[Step, ...]:
    """Return the steps of a project with the days that the rules give them."""
    return surrender_steps(rules_on(briefing_from), briefing_from)


def window(of: Project) -> tuple[dt.date, dt.date] | None:
    """Return the days of signing; None where the rules do not say them."""
    found = next(s for s in steps(of.briefing_from) if s.id == "signing")
    return (found.starts, found.ends) if found.starts and found.ends else None


def may_apply(of: Project, today: dt.date) -> bool:
    """Return whether an application can still lead to a signature: until the days of signing are over."""
    found = window(of)
    return found is None or today <= found[1]


#: Steps that go on from the briefing until the days of signing are over, home by home.
ALL_ALONG = ("application", "assessment")


def calendar(of: Project, today: dt.date) -> list[dict[str, Any]]:
    """Return the steps of a project, each ``done``, ``here`` or ``later`` by the days that the rules give them.

    Once the days of signing are over the calendar says no more: what is left goes home by home.
    """
    rows = list(steps(of.briefing_from))
    at = max((i for i, s in enumerate(rows) if s.starts and s.starts <= today), default=0)
    last = rows[at].ends
    over = last is not None and last < today

    def standing(i: int, step: Step) -> str:
        if not over and (i == at or (at and step.id in ALL_ALONG)):
            return "here"
        return "done" if i < at or (over and i == at) else "later"

    return [{"step": s, "standing": standing(i, s)} for i, s in enumerate(rows)]


def parties_of(user: Any, of: Application) -> list[str]:
    """Return as whom a person may act on an application."""
    own = any(
        m["seat"].holder == of.holder and m["seat"].dwelling_id == of.dwelling_id
        for m in lessee(user, of.project)
    )
    parties = ["holder"] if own else []
    parties += ["maker"] if rules.has_perm("consent.offer", user, of) else []
    return parties + (["mediator"] if rules.has_perm("consent.mediate", user, of) else [])


def check_signing(of: Application, now_stands: Negotiation, now: dt.datetime) -> None:
    """Raise unless the offer is agreed and the day lies in the days of signing."""
    if now_stands.state != "agreed":
        raise HutongError(
            "not-agreed",
            Text("方案还没有谈妥，不能签约。", "The offer is not agreed; it cannot be signed."),
            Text("先接受方案，或在调解中达成一致。", "Accept an offer, or settle in mediation, first."),
        )
    days = window(of.project)
    if days is not None and not days[0] <= now.date() <= days[1]:
        raise HutongError(
            "outside-window",
            Text(
                f"集中签约期为 {days[0]} 至 {days[1]}。",
                f"Signing is open from {days[0]} to {days[1]}.",
            ),
            Text("请在签约期内办理。", "Come within these days."),
        )


def not_on_roll(book: RollBook, dwelling_id: str) -> HutongError:
    """Return why a home cannot be applied for, with the papers that clear it."""
    held = next((h for h in book.held_back if h.dwelling_id == dwelling_id), None)
    if held is None:
        return HutongError(
            "no-such-home",
            Text("您不是名册上这处住房的承租人。", "You are not the lessee of this home on the roll."),
            Text("请到柜台核实。", "Ask at the counter."),
        )
    gap = gap_book()[held.reason]
    return HutongError(
        "held-back",
        Text(
            f"这处住房暂未列入名册：{gap.title.zh}。",
            f"This home is held back from the roll: {gap.title.en}.",
        ),
        Text(
            f"需要：{gap.documents.zh}；办理：{gap.who.zh}。",
            f"Needed: {gap.documents.en}; who acts: {gap.who.en}.",
        ),
    )


#: The next deed of an application by its state, and whose it is; while it has an offer, the talk says it.
NEXT = {
    "applied": ("assess", "maker"),
    "assessed": ("offer", "maker"),
    "signed": ("choose", "holder"),
    "chosen": ("hand_over", "maker"),
}
#: The next deed while an offer is talked about.
TALKING = {
    "offered": ("accept", "holder"), "countered": ("take_counter", "maker"), "mediation": ("settle", "mediator"),
    "declined": ("offer", "maker"), "agreed": ("sign", "holder"),
}  # fmt: skip


def next_deed(of: Application) -> tuple[str, str]:
    """Return what leads an application on, and whose it is; empty where nothing does."""
    return TALKING.get(of.talk, ("", "")) if of.state == "offered" else NEXT.get(of.state, ("", ""))


def allowed(of: Application, party: str) -> list[str]:
    """Return what a party may do with an application now."""
    from hutong.service.consent.surrender.services import PARTY

    own = [e for e in MOVES[of.state] if e not in ("apply", "offer")]
    talks = list(TALK[of.talk]) if of.state in ("assessed", "offered") else []
    events = [e for e in dict.fromkeys((*talks, *own)) if party in PARTY.get(e, ())]
    return [e for e in events if e != "sign" or of.talk == "agreed"]


def history(of: Application) -> list[dict[str, Any]]:
    """Return every turn with its offer line by line; nothing is overwritten."""
    out = []
    for t in of.turns.select_related("person").order_by("number"):
        offer = offer_of(t.offer)
        form = surrender_forms().get(t.form)
        out.append(
            {
                "t": t,
                "title": EVENTS[t.event],
                "party": PARTIES[t.party],
                "lines": offer.show() if offer else (),
                "form": form,
            }
        )
    return out


def progress(of: Project) -> list[tuple[Text, int | None]]:
    """Return how many applications stand where; fewer than five are not counted out."""
    counts = Counter(of.applications.values_list("state", flat=True))
    return [(STATES[s], told(n)) for s, n in counts.items() if s != "staying"]


def offers_table(of: Project) -> pd.DataFrame:
    """Return the last offer made to each home of a project, one row a home: what equal treatment compares."""
    rows = []
    for a in of.applications.all():
        rounds = [r for r in talk(a).rounds if r.offer is not None and r.event != "counter"]
        if rounds:
            last = rounds[-1]
            total = last.offer.total_yuan if last.offer else 0
            rows.append({"dwelling_id": a.dwelling_id, "total_yuan": total, "area_cm2": a.area_cm2, "tenure": a.tenure, "form": "cash", "reason": last.reason})  # fmt: skip
    columns = ["dwelling_id", "total_yuan", "area_cm2", "tenure", "form", "reason"]
    return pd.DataFrame(rows, columns=columns)


def on_the_table(of: Application) -> tuple[Offer | None, dt.date | None]:
    """Return the offer that stands for a home, and the day on which it was made; None where there is none."""
    last = next((r for r in reversed(talk(of).rounds) if r.offer is not None), None)
    return (None, None) if last is None else (last.offer, timezone.localtime(last.at).date())


def unequal(of: Project) -> pd.DataFrame:
    """Return the offers on the table that differ from like cases, and the reason given."""
    return unequal_offers(offers_table(of), ["tenure", "form"])


def lessee(user: Any, of: Project) -> list[dict[str, Any]]:
    """Return the homes for which an account may apply, with the application where there is one."""
    seats = rolls.seats_of(user, of.roll)
    found = {a.dwelling_id: a for a in of.applications.filter(dwelling_id__in=[s.dwelling_id for s in seats])}
    return [{"seat": s, "application": found.get(s.dwelling_id)} for s in seats]
