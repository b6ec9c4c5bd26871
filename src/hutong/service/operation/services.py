"""The only writes to contracts, returns, ratings and assets."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from hutong.act.contracts import Asset as NewAsset
from hutong.act.contracts import Return, check_return, contract_text, read_contract, register, whole_years
from hutong.act.machine import Deed
from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.ledger import services as ledger
from hutong.service.operation import selectors
from hutong.service.operation.models import Asset, AssetDeed, Contract, ContractDeed, FiledReturn, Rating
from hutong.service.places.models import Place
from hutong.service.schemes.models import Version
from hutong.service.schemes.selectors import is_adopted
from hutong.service.web.papers import Document, keep
from hutong.text import Text


def enter(
    place: Place, title: Text, text: str, person: User | None, token: uuid.UUID, version: Version | None = None
) -> Contract:  # fmt: skip
    """Enter a contract from its file; sending the same form again returns what was entered.

    Parameters
    ----------
    version
        The version of a scheme that it was drawn from; its key and hash enter the ledger beside the contract's.

    Raises
    ------
    HutongError
        ``bad-contract`` for a file that is none.
    """
    known = Contract.objects.filter(token=token).first()
    if known is not None:
        return known
    terms = read_contract(text)
    try:
        with transaction.atomic():
            made = Contract.objects.create(
                token=token, place=place, owner=person, title_zh=title.zh, title_en=title.en,
                terms=contract_text(terms), digest=terms.digest, version=version,
            )  # fmt: skip
            if version is not None:
                public = {
                    "contract": made.number, "scheme": str(version), "version": version.version,
                    "document": version.digest, "digest": made.digest,
                }  # fmt: skip
                ledger.record("contract.drawn", public, place=place, by=person, at=made.opened)
            return made
    except IntegrityError:
        return Contract.objects.get(token=token)


@transaction.atomic
def do(
    found: Contract, event: str, by: str, person: User, said: Mapping[str, Any], document: Document | None = None
) -> Contract:  # fmt: skip
    """Let something happen to a contract; state and ledger follow in one transaction.

    Raises
    ------
    HutongError
        ``act-event`` if it may not happen now; ``not-adopted`` if it is signed while the version that it was drawn from
        is not the one that was adopted. Nothing is written.
    """
    locked = Contract.objects.select_for_update().get(pk=found.pk)
    if event == "sign" and locked.version is not None and not is_adopted(locked.version):
        raise HutongError(
            "not-adopted",
            Text(f"这份合同所依据的方案版本没有通过：{locked.version.title.zh}。", f"The version that this contract was drawn from was not adopted: {locked.version.title.en}."),
            Text("请等方案通过后再签；改了的方案请重新生成合同。", "Sign once the scheme is adopted; draw the contract again if the scheme changed."),
        )  # fmt: skip
    given = _with(said, document)
    at = timezone.localtime()
    after = selectors.standing(locked).after(Deed(event, at, by, given))
    made = ContractDeed.objects.create(
        contract=locked, n=locked.deeds_done + 1, event=event, at=at, by=by, said=given, person=person
    )
    locked.state, locked.changed, locked.deeds_done = after.state, at, made.n
    locked.save()
    digest = str(given.get("document", locked.digest))
    ledger.record(
        "contract.changed",
        {"contract": f"{locked.number}:{event}", "version": made.n, "digest": digest},
        place=locked.place,
        by=person,
        at=at,
    )
    return locked


def _with(said: Mapping[str, Any], document: Document | None) -> dict[str, Any]:
    given = dict(said)
    if document is not None:
        keep(document)
        given["document"] = document.digest
    return given


@transaction.atomic
def file_returns(found: Contract, given: Sequence[Return], by: Any) -> list[FiledReturn]:
    """File returns, all or none; the hash of each enters the ledger, and the same one again changes nothing.

    Parameters
    ----------
    by
        Who files: somebody with an account, or a machine with a token, which is kept by its name.

    Raises
    ------
    HutongError
        ``bad-return`` for what does not fit, a period that has not ended, or one reported by year and by quarter.
    """
    locked = Contract.objects.select_for_update().get(pk=found.pk)
    if locked.state not in ("running", "breached"):
        raise _bad("合同不在履行中，不能报送", "The contract is not running, so nothing is reported")
    today = timezone.localdate()
    for r in given:
        check_return(r)
        quarter = int(r.period[5:]) if len(r.period) == 6 else 4
        if (r.year, quarter) >= (today.year, (today.month + 2) // 3):
            raise _bad(f"{r.period} 尚未结束", f"{r.period} has not ended yet")
    standing = {r.period: Return(r.period, r.yuan, r.levels) for r in selectors.returns(locked)}
    whole_years({**standing, **{r.period: r for r in given}}.values())
    return [_file(locked, r, standing.get(r.period), by) for r in given if standing.get(r.period) != r]


def _file(found: Contract, given: Return, before: Return | None, by: Any) -> FiledReturn:
    body = {"period": given.period, "yuan": dict(given.yuan), "levels": dict(given.levels)}
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    person = by if isinstance(by, User) else None
    machine = "" if person else by.get_full_name()
    made = FiledReturn.objects.create(contract=found, digest=digest, person=person, machine=machine, **body)
    kind = f"return:{given.period}" if before is None else f"return:{given.period}:corrected"
    ledger.record(
        "document.disclosed",
        {"subject": found.number, "kind": kind, "digest": digest},
        place=found.place,
        by=person,
    )
    return made


def rate(found: Contract, user: User, score: int) -> Rating:
    """Rate the services of this year, or change the rating; it raises ``bad-rating`` for a score outside 1 to 5."""
    if not 1 <= score <= 5:
        raise HutongError(
            "bad-rating",
            Text("请选 1 到 5 分。", "Choose 1 to 5."),
            Text("5 分最好。", "5 is best."),
        )
    rating, _ = Rating.objects.update_or_create(
        contract=found, owner=user, year=timezone.localdate().year, defaults={"score": score}
    )
    return rating


@transaction.atomic
def register_assets(place: Place, given: Sequence[NewAsset]) -> list[Asset]:
    """Enter assets of a place, all or none; one that is there already is changed.

    Raises
    ------
    HutongError
        ``bad-assets`` with the rows that do not fit.
    """
    register(given, timezone.localdate())
    out = []
    for a in given:
        fields = {
            "object_id": a.object_id, "kind": a.kind, "made": a.made, "life_years": a.life_years,
            "cost_yuan": a.cost_yuan, "keeper": a.keeper,
        }  # fmt: skip
        out.append(Asset.objects.update_or_create(place=place, key=a.id, defaults=fields)[0])
    return out


@transaction.atomic
def do_asset(
    found: Asset, event: str, by: str, person: User, said: Mapping[str, Any], document: Document | None = None
) -> Asset:  # fmt: skip
    """Let something happen to an asset; it raises ``act-event`` if it may not."""
    locked = Asset.objects.select_for_update().get(pk=found.pk)
    given, at = _with(said, document), timezone.localtime()
    after = selectors.asset_standing(locked).after(Deed(event, at, by, given))
    made = AssetDeed.objects.create(
        asset=locked, n=locked.deeds_done + 1, event=event, at=at, by=by, said=given, person=person
    )
    locked.state, locked.deeds_done = after.state, made.n
    if event == "renew":
        locked.made = at.date()
    locked.save()
    fields = {"project": f"place-{locked.place_id}", "matter": f"asset-{locked.pk}", "event": event, "to": after.state}  # fmt: skip
    ledger.record("matter.moved", fields, {"said": given}, place=locked.place, by=person, at=at)
    return locked


def _bad(zh: str, en: str) -> HutongError:
    return HutongError("bad-return", Text(f"{zh}。", f"{en}."), Text("请核对期间。", "Look at the period."))
