"""Reading votes: who may answer, how many have, what was counted. No function returns who voted how, save to the voter."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from hutong.act.ledger import Opening, Receipt
from hutong.act.ledger.checker import commitment
from hutong.agree.ballot_box import Ballot as Marked
from hutong.agree.ballot_box import BallotBox, BoxResult
from hutong.agree.roll_book import RollBook
from hutong.agree.roll_file import read_roll
from hutong.agree.tally import ABSTAIN, NO, YES, Tally, tally_totals, totals_of
from hutong.agree.totals import SAID as TOTALS
from hutong.agree.totals import Misfit, Totals, misfits
from hutong.errors import HutongError, Row
from hutong.few import FEWEST_PEOPLE
from hutong.service.consent import clock
from hutong.service.consent.ballots.kept_rule import rule_of
from hutong.service.consent.models import Ballot, Cast, Letter, OfficialDocument, Sheet
from hutong.service.consent.models.ballots import CHANNELS, COUNTS_AS
from hutong.service.consent.offices import WATCH
from hutong.service.consent.rolls import selectors as rolls
from hutong.service.consent.rolls.selectors import Voter
from hutong.service.consent.seal import code_hash, code_of, key_of, open_, token_of
from hutong.service.ledger import selectors as ledger
from hutong.service.ledger.models import Entry
from hutong.service.places.models import Place
from hutong.service.places.selectors import paths_to
from hutong.text import Text

SAID = {"yes": YES, "no": NO, "abstain": ABSTAIN}
#: What came in so is a survey where the law reserves online votes to an official system.
SURVEYED = ("online", "letter")
CHOICE_WORDS = {
    "yes": Text("同意", "for"),
    "no": Text("不同意", "against"),
    "abstain": Text("弃权", "abstain"),
}


def ballot(pk: int) -> Ballot:
    """Return a vote, or raise ``Http404``."""
    found = Ballot.objects.select_related("place", "roll__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def sheet(pk: int) -> Sheet:
    """Return an entered paper, or raise ``Http404``."""
    found = Sheet.objects.select_related("ballot__place", "ballot__roll", "entered_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def ballots_for(user: Any) -> QuerySet[Ballot]:
    """Return the votes that a reader sees: from the notice on everyone's, drafts those of their own places."""
    seen = ~Q(state="draft")
    for role, path in user.held if user.is_authenticated else ():
        if role in WATCH:
            seen |= Q(place__path__startswith=path)
    return Ballot.objects.filter(seen).select_related("place")


def public_ballots() -> QuerySet[Ballot]:
    """Return the votes that everyone may see: those of which notice was given."""
    return Ballot.objects.exclude(noticed=None).select_related("place").defer("document")


def key(of: Ballot) -> bytes:
    """Return the key of a vote.

    Raises
    ------
    HutongError
        ``no-key`` before the notice, or once the choices were erased.
    """
    if of.key is None:
        raise HutongError(
            "no-key",
            Text("还没有封存选票的密钥，或选票已按期清除。", "There is no key to its ballots yet, or they were erased."),
            Text("计票结果和台账仍可核验。", "The count and the ledger can still be checked."),
        )  # fmt: skip
    return key_of(bytes(of.key))


def label(of: int, number: int) -> str:
    """Return the label under which a ballot is sealed, so that none can stand for another."""
    return f"cast:{of}:{number}"


def empty_box(of: Ballot, book: RollBook | None = None) -> BallotBox:
    """Return the box of a vote without its ballots, which says which ballots it takes."""
    stands = rolls.book(of.roll) if book is None else book
    if of.opens is None or of.closes is None:
        raise AssertionError("a vote without notice has no box")
    return BallotBox(
        of.code,
        stands,
        rule_of(of.rule),
        of.opens,
        of.closes,
        of.official_online_only,
        of.opened_with or stands.hash,
    )


def _opened(of: Ballot, cast: Cast) -> dict[str, str]:
    return dict(open_(key(of), bytes(cast.sealed), label(of.pk, cast.number)))


def _full_box(of: Ballot, book: RollBook, opened: bool = True) -> BallotBox:
    """Return the box with its ballots; not ``opened``, their choices stay sealed and stand as abstentions."""
    marks = tuple(
        Marked(
            c.head, c.signer, SAID[_opened(of, c)["choice"]] if opened else ABSTAIN, c.at, COUNTS_AS[c.channel],
            c.sheet or str(c.token), official=c.channel == "official", number=c.number,
        )
        for c in of.casts.order_by("number").iterator(chunk_size=2000)
    )  # fmt: skip
    return replace(empty_box(of, book), ballots=marks)


def _book_of(of: Ballot) -> RollBook:
    """Return the roll that a vote is counted with: that of the opening with its logged corrections."""
    opened = of.roll.versions.filter(hash=of.opened_with).order_by("-number").first()
    if of.result is not None:
        return rolls.book_at(of.roll, of.result["version"])
    now = rolls.book(of.roll)
    if opened is None:
        raise AssertionError("the roll of the opening is gone")
    return empty_box(of, read_roll(opened.text)).with_book(now).book


def count(of: Ballot, now: dt.datetime) -> dict[str, Any]:
    """Return the count of a closed vote as it is kept: totals, what the survey showed, and the hash of the list.

    Raises
    ------
    HutongError
        ``sealed`` before the close.
    """
    official = (of.result or {}).get("official")
    if official is not None:
        return count_official(of, _official_totals(of), official, now)
    book = _book_of(of)
    box = _full_box(of, book)
    found = box.result(now)
    listed = count_list(of, box, now)
    return _kept(of, found.tally, totals_of(book.roll, box.counted(now)), found, listed)


def count_official(of: Ballot, totals: Totals, document: dict[str, str], now: dt.datetime) -> dict[str, Any]:
    """Return the result of a closed vote that the official system counted, as it is kept: its totals, by the vote's rule.

    ``document`` says where the totals are written: what it is called, its reference, its date, the SHA-256 of its file.

    Raises
    ------
    HutongError
        ``not-official`` where online ballots are not reserved; ``ballots-here`` if ballots that count were taken on the
        platform, since nobody can tell which heads are in both; ``bad-totals`` naming each figure that cannot be of the
        roll; ``sealed`` before the close.
    """
    if not of.official_online_only:
        raise not_official()
    here = of.casts.exclude(channel__in=SURVEYED).count() + of.sheets.filter(state="waiting").count()
    if here:
        raise HutongError(
            "ballots-here",
            Text(f"本平台已收下 {here} 张计入的票，只有合计就分不清谁投了两次。", f"{here} ballots that count were taken here; totals alone do not tell who is in both."),
            Text("请向官方系统索取逐票的表，与这里的票一并计。", "Ask the official system for its table ballot by ballot; it is counted with those here."),
        )  # fmt: skip
    book = _book_of(of)
    box = _full_box(of, book)
    found = box.result(now)
    wrong = misfits(book.roll, totals)
    if wrong:
        raise HutongError(
            "bad-totals",
            Text("合计与名册不符，没有采用。", "The totals do not fit the roll; nothing was taken."),
            Text("请对照文件逐项核对；名册有误须先由两人更正。", "Check each figure with the document; an error of the roll is corrected by two persons first."),
            [_row_of(w) for w in wrong],
        )  # fmt: skip
    tally = tally_totals(totals, box.rule, book.roll.hash)
    return _kept(of, tally, totals, found, official_text(of, book, totals, document)) | {"official": document}


def _row_of(wrong: Misfit) -> Row:
    said = TOTALS[wrong.said] if wrong.said else Text("合计", "sum")
    what = Text("人数", "heads") if wrong.what == "heads" else Text("面积", "area")
    return Row(f"{said.zh} · {what.zh}：{wrong.why.zh}", f"{said.en} · {what.en}: {wrong.why.en}")


def _official_totals(of: Ballot) -> Totals:
    heads, area = ({said: of.result[what][said] for said in TOTALS} for what in ("heads", "area"))
    return Totals(heads, area)


def _kept(of: Ballot, tally: Tally, totals: Totals, found: BoxResult, listed: str) -> dict[str, Any]:
    versions = of.roll.versions.order_by("-number").values_list("number", flat=True)
    return {
        "passed": tally.passed, "quorum": tally.quorum, "roll_hash": tally.roll_hash, "conflicts": found.conflicts,
        "version": of.result["version"] if of.result else versions[0],
        "heads": totals.heads | {"all": tally.heads, "part": tally.part_heads},
        "area": totals.area_cm2 | {"all": tally.area_cm2, "part": tally.part_area_cm2},
        "short": {
            "quorum_heads": tally.quorum_short_heads, "quorum_area": tally.quorum_short_area_cm2,
            "pass_heads": tally.pass_short_heads, "pass_area": tally.pass_short_area_cm2,
        },
        "survey": list(found.survey),
        "digest": hashlib.sha256(listed.encode()).hexdigest(),
        "papers": of.casts.filter(channel__in=("paper", "counter")).count(),
        "casts": of.casts.count(),
    }  # fmt: skip


def official_text(of: Ballot, book: RollBook, totals: Totals, document: dict[str, str]) -> str:
    """Return the totals that an official system gave, with their document, as text; its hash stands in the ledger."""
    body = {
        "ballot": of.code, "roll": book.hash, "rule": of.rule["id"], "official": document,
        "heads": totals.heads, "area_cm2": totals.area_cm2,
    }  # fmt: skip
    return json.dumps(body, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def count_list(of: Ballot, box: BallotBox, now: dt.datetime) -> str:
    """Return the list of commitments that a count rests on, as text: which entries of the ledger counted, and no choice.

    Whoever cast a ballot finds its entry here, or a later one of their own instead; the number of lines is that of the
    holders who took part. Areas would point at neighbours, so the ballots themselves are not published.
    """
    standing = sorted(m.number for m in box.standing(now))
    rows = dict(of.casts.values_list("number", "entry"))
    entries = Entry.objects.in_bulk([rows[n] for n in standing])
    lines = [
        {"entry": rows[n], **{name: entries[rows[n]].value["private"][name] for name in ("choice", "voter")}}
        for n in standing
    ]
    body = {"ballot": of.code, "roll": box.book.hash, "rule": of.rule["id"], "counted": lines}
    return json.dumps(body, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def published_list(of: Ballot) -> str:
    """Return what the result of a vote rests on, its list or the official totals; its hash stands in the ledger."""
    if of.counted is None or of.result is None:
        raise AssertionError("a vote that is not counted has no list")
    official = of.result.get("official")
    if official is not None:
        return official_text(of, _book_of(of), _official_totals(of), official)
    return count_list(of, _full_box(of, _book_of(of), opened=False), of.counted)


@dataclass(frozen=True)
class Recount:
    """A count made again from every ballot and the ledger: how many were read, and what did not fit."""

    casts: int
    faults: tuple[Text, ...]

    @property
    def holds(self) -> bool:
        """Whether everything fits."""
        return not self.faults


def recount(of: Ballot) -> Recount:
    """Open every ballot anew, hold it to its commitments in the ledger, and count all of them again."""
    faults: list[Text] = []
    casts = list(of.casts.select_related("entry").order_by("number"))
    for c in casts:
        faults += _cast_faults(of, c)
    in_ledger = sum(
        e.value["public"]["ballot"] == of.code
        for e in Entry.objects.filter(act="ballot.cast", place=of.place)
    )
    if in_ledger != len(casts):
        faults.append(
            Text(
                f"台账有 {in_ledger} 票，票箱有 {len(casts)} 票。",
                f"The ledger has {in_ledger} ballots, the box {len(casts)}.",
            )
        )
    if [c.number for c in casts] != list(range(1, len(casts) + 1)):
        faults.append(Text("票号不连续。", "The numbers of the ballots have gaps."))
    if of.result is not None and not faults:
        faults += _ledger_faults(of)
    if of.result is not None and of.counted is not None and not faults:
        again = count(of, of.counted)
        faults += [
            Text(f"重新计票的 {name} 与原结果不同。", f"Counted again, {name} is not what was recorded.")
            for name in again
            if again[name] != of.result[name]
        ]
    return Recount(len(casts), tuple(faults))


def _ledger_faults(of: Ballot) -> list[Text]:
    """Return whether the result is not the one that the ledger holds."""
    told = [e.value["public"] for e in Entry.objects.filter(act="ballot.counted", place=of.place)]
    held = next((t for t in told if t["ballot"] == of.code), None)
    if held == counted_entry(of):
        return []
    return [Text("结果与台账所存不同。", "The result is not the one that the ledger holds.")]


def counted_entry(of: Ballot) -> dict[str, Any]:
    """Return what the ledger says of a result."""
    return {
        "ballot": of.code, "passed": of.result["passed"], "digest": of.result["digest"],
        **{f"heads_{n}": of.result["heads"][n] for n in TOTALS}, **{f"area_{n}": of.result["area"][n] for n in TOTALS},
    }  # fmt: skip


def _cast_faults(of: Ballot, c: Cast) -> list[Text]:
    told = Text(f"第 {c.number} 票", f"Ballot {c.number}")
    try:
        inside = _opened(of, c)
    except HutongError as caught:
        return [Text(f"{told.zh}：{caught.what.zh}", f"{told.en}: {caught.what.en}")]
    entry = c.entry.value
    said = {"choice": inside["choice"], "voter": f"{c.head}/{c.signer}"}
    wrong = [
        n for n, v in said.items() if commitment(bytes.fromhex(inside[f"salt_{n}"]), v) != entry["private"][n]
    ]
    late = [] if of.opens and of.closes and of.opens <= c.at < of.closes else ["time"]
    other = [] if entry["public"] == {"ballot": of.code, "channel": c.channel} else ["entry"]
    return [
        Text(f"{told.zh}的 {n} 与台账不符。", f"{told.en}: its {n} is not what the ledger says.")
        for n in (*wrong, *late, *other)
    ]


def turnout(of: Ballot) -> dict[str, int]:
    """Return how many heads have handed in a ballot that counts, how many there are, and how many a survey reached."""
    counts = Q() if not of.official_online_only else ~Q(channel__in=SURVEYED)
    heads = (
        {
            name: of.casts.filter(which).values("head").distinct().count()
            for name, which in {"voted": counts, "surveyed": ~counts}.items()
        }
        if of.official_online_only
        else {"voted": of.casts.values("head").distinct().count(), "surveyed": 0}
    )
    return {**heads, "heads": len(rolls.book(of.roll).roll)}  # fmt: skip


def voters_of(user: Any, of: Ballot, now: dt.datetime) -> list[Voter]:
    """Return for whom an account may answer: its own heads, and those who entrusted it."""
    tokens = {s.holder for s in rolls.seats_of(user, of.roll)}
    return rolls.voters(of.roll, tokens, now)


def voter_by_code(code: str, now: dt.datetime) -> tuple[Ballot, Voter] | None:
    """Return the vote and voter of a letter code, or None."""
    found = (
        Letter.objects.select_related("ballot__place", "ballot__roll").filter(code=code_hash(code)).first()
    )
    return None if found is None else letter_voter(found.pk, now)


def letter_voter(pk: int, now: dt.datetime) -> tuple[Ballot, Voter] | None:
    """Return the vote and voter of a letter, or None once its codes are void."""
    found = Letter.objects.select_related("ballot__place", "ballot__roll").filter(pk=pk).first()
    if found is None:
        return None
    for voter in rolls.voters(found.ballot.roll, {found.holder}, now):
        if voter.head == found.head:
            return found.ballot, voter
    return None


def letter_of(of: Ballot, voter: Voter) -> int | None:
    """Return the letter that a voter holds."""
    return of.codes.filter(head=voter.head, holder=voter.signer).values_list("pk", flat=True).first()


def letters(of: Ballot) -> list[dict[str, Any]]:
    """Return the codes of a vote with the homes they go to, for printing."""
    secret = key(of)
    homes: dict[str, list[str]] = {}
    for seat in of.roll.seats.order_by("building__path", "dwelling_id"):
        homes.setdefault(seat.head, []).append(seat.dwelling_id)
    return [
        {
            "homes": sorted(set(homes.get(x.head, []))),
            "code": code_of(secret, of.pk, x.head, x.holder, x.issue),
        }
        for x in of.codes.order_by("pk")
    ]


def answers_of(of: Ballot, voter: Voter) -> dict[str, Any]:
    """Return what a voter answered, for the voter alone: ``last``, and ``counted`` beside it where online answers are a survey.

    There the last online answer changes nothing of a paper that counts, so the two are told apart.
    """
    mine = sorted(of.casts.filter(head=voter.head, signer=voter.signer), key=lambda c: (c.at, c.number))
    if not of.official_online_only:
        return {"last": _told_cast(of, mine), "counted": None}
    survey = [c for c in mine if c.channel in SURVEYED]
    return {"last": _told_cast(of, survey), "counted": _told_cast(of, [c for c in mine if c not in survey])}


def _told_cast(of: Ballot, casts: Sequence[Cast]) -> dict[str, Any] | None:
    """Return the last of some casts, in the order of their times, opened; None without one."""
    if not casts:
        return None
    c = casts[-1]
    return {
        "cast": c,
        "choice": _opened(of, c)["choice"],
        "channel": CHANNELS[c.channel],
        "times": len(casts),
    }


def is_survey(c: Cast) -> bool:
    """Return whether a cast is an answer to a survey, since the law reserves online votes to an official system."""
    return bool(c.ballot.official_online_only and c.channel in SURVEYED)


def cast_of(pk: int) -> Cast:
    """Return a ballot, or raise ``Http404``."""
    found = Cast.objects.select_related("ballot__place", "ballot__roll", "entry").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def receipt(c: Cast) -> Receipt:
    """Return the receipt of a ballot, which opens its commitments and proves that it stands in the ledger."""
    inside = _opened(c.ballot, c)
    said = {"choice": inside["choice"], "voter": f"{c.head}/{c.signer}"}
    openings = {n: Opening(bytes.fromhex(inside[f"salt_{n}"]), v) for n, v in said.items()}
    whole = ledger.tree()
    return Receipt(
        c.entry.data.encode(),
        tuple(whole.inclusion(c.entry_id, whole.size)),
        ledger.signed_note(whole.size),
        openings,
    )


def signer_at(of: Any, dwelling_id: str, reference: str) -> tuple[str, str]:
    """Return head and signer of a home; where one person decides for it, the signer need not be named.

    Raises
    ------
    HutongError
        ``no-such-home``; ``who-signs`` where several may and none is named.
    """
    book = rolls.book(of.roll)
    entry = next((e for e in book.entries if e.dwelling_id == dwelling_id), None)
    if entry is None:
        raise HutongError(
            "no-such-home",
            Text(f"名册上没有住房 {dwelling_id}。", f"Home {dwelling_id} is not on the roll."),
            Text("请核对房屋编号；暂不列入的住房须先更正名册。", "Check its number; a home held back needs a correction of the roll."),
        )  # fmt: skip
    deciding = book.holders[entry.head]
    if not reference and len(deciding) != 1:
        raise HutongError(
            "who-signs",
            Text(f"住房 {dwelling_id} 有 {len(deciding)} 位权利人，须写明谁签字。", f"Home {dwelling_id} has {len(deciding)} holders; say who signed."),
            Text("请填权利人，与名册表一致。", "Give the holder as in the table of the roll."),
        )  # fmt: skip
    return entry.head, token_of(reference) if reference else deciding[0]


def not_official() -> HutongError:
    """Return why nothing is taken from an official system."""
    return HutongError(
        "not-official",
        Text("这里的法律没有把网上表决留给官方系统。", "The law here does not reserve online votes to an official system."),
        Text("网上的票已经计入。", "Online ballots count already."),
    )  # fmt: skip


def official_document(pk: int) -> OfficialDocument:
    """Return a document of the official system, or raise ``Http404``."""
    found = OfficialDocument.objects.select_related("ballot__place").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def document_behind(of: Ballot) -> OfficialDocument | None:
    """Return the document that a result of the official system rests on; None for another result, or if only its hash was kept."""
    official = (of.result or {}).get("official")
    return None if official is None else of.official_documents.filter(digest=official["sha256"]).first()


def waiting_sheets(of: Ballot) -> QuerySet[Sheet]:
    """Return the papers that wait for a second pair of eyes."""
    return of.sheets.filter(state="waiting").select_related("entered_by")


def sheet_counts(of: Ballot) -> dict[str, int]:
    """Return how many papers wait, were taken, were void."""
    return dict(Counter(of.sheets.values_list("state", flat=True)))


def survey_of(of: Ballot) -> dict[str, int] | None:
    """Return the survey beside a vote whose online ballots are official; none where few took part."""
    if not of.official_online_only or of.result is None:
        return None
    counts = dict(zip(("yes", "no", "abstain"), of.result["survey"], strict=True))
    few = sum(counts.values()) < FEWEST_PEOPLE or any(0 < n < FEWEST_PEOPLE for n in counts.values())
    return None if few else counts


def areas(result: dict[str, Any]) -> dict[str, float]:
    """Return the areas of a count in m²."""
    return {n: round(v / 10_000, 2) for n, v in result["area"].items()}


def channels(of: Ballot) -> list[tuple[Text, int]]:
    """Return how many ballots came by each channel."""
    counts = Counter(of.casts.values_list("channel", flat=True))
    return [(title, counts[c]) for c, title in CHANNELS.items() if counts[c]]


def _taken() -> QuerySet[Ballot]:
    """Return the votes in which ballots are taken now, the one that ends first before the others."""
    rows = Ballot.objects.filter(state="open", closes__gt=clock.now())
    return rows.select_related("place", "roll__place").order_by("closes")


def open_for(user: Any, most: int = 3) -> list[Ballot]:
    """Return the votes in which ballots are taken now, a person's own first."""
    rows = list(_taken()[:50])
    if user.is_authenticated and rolls.links_of(user):
        rows.sort(key=lambda b: not rolls.seats_of(user, b.roll))
    return rows[:most]


def open_at(place: Place) -> list[Ballot]:
    """Return the votes in which ballots are taken now at a place or one around it."""
    return list(_taken().filter(place__path__in=paths_to(place)))
