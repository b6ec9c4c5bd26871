"""The only writes to rolls, letters and residences."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from hutong.city import City
from hutong.service.accounts import services as accounts
from hutong.service.accounts.models import User
from hutong.service.ledger import services as ledger
from hutong.service.places.models import Place
from hutong.service.residents import refusals, selectors
from hutong.service.residents.models import (
    ENDED,
    REASONS,
    VERIFIED,
    WAITING,
    Holder,
    Home,
    Letter,
    Residence,
    Roll,
    Try,
    Vouch,
)
from hutong.service.residents.roll import (
    KINDS,
    OWNER,
    digest,
    documents,
    keyed,
    lines,
    name_token,
    read_names,
)
from hutong.service.twin.models import Building, Snapshot
from hutong.service.web.stage import stages

# The limits are this platform's own (confidence U): an office may set others.
LETTER_DAYS = 60
WRONG_BY_USER, WRONG_BY_ADDRESS, WITHIN = 5, 30, dt.timedelta(hours=1)
VOUCHERS, VOUCHES_A_YEAR, MOST_WAITING = 2, 3, 3
#: Letters and digits that are not mistaken for one another; ten of them are 49 bits.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
BATCH = 1000


def import_roll(snapshot: Snapshot, by: User | None) -> Roll:
    """Make or renew the roll of a quarter's homes from a snapshot; homes that are gone are kept and no longer listed."""
    found = lines(City.load(snapshot.folder / "city"))
    at = dict(Building.objects.filter(snapshot=snapshot).values_list("building_id", "place_id"))
    homes = [
        Home(
            quarter=snapshot.place, building_id=at[line.building_id], dwelling_id=line.dwelling_id,
            stair=line.stair, stair_number=line.stair_number, storey=line.storey, held=line.held, lives_as=line.lives_as,
        )
        for line in found
    ]  # fmt: skip
    public = {
        "city": snapshot.name,
        "date": snapshot.date.isoformat(),
        "homes": len(found),
        "digest": digest(found),
    }
    with transaction.atomic():  # what takes long was done before, so that others who write do not wait for it
        Home.objects.filter(quarter=snapshot.place).update(listed=False)
        Home.objects.bulk_create(
            homes,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["quarter", "dwelling_id"],
            update_fields=["building", "stair", "stair_number", "storey", "held", "lives_as", "listed"],
        )
        roll = Roll.objects.create(
            place=snapshot.place, snapshot=snapshot, imported_by=by, homes=len(found), digest=public["digest"]
        )
        ledger.record("homes.listed", public, place=snapshot.place, by=by)
    return roll


@transaction.atomic
def name_holders(quarter: Place, path: Path) -> int:
    """Store the holders of a filled form in the place of the earlier ones of the same homes; return how many."""
    homes = {h.dwelling_id: h for h in Home.objects.filter(quarter=quarter, listed=True)}
    found = read_names(path, homes)
    Holder.objects.filter(home__in={home for home, _, _ in found}).delete()
    Holder.objects.bulk_create(
        (Holder(home=home, kind=kind, token=token) for home, kind, token in found),
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    return len(found)


@transaction.atomic
def make_letters(quarter: Place, homes: Sequence[Home], by: User | None) -> list[tuple[Home, str]]:
    """Make a letter for each home and return it with its code, which is kept nowhere; earlier letters are void."""
    now, keys = timezone.now(), [h.pk for h in homes]
    replaced = 0
    for start in range(0, len(keys), BATCH):
        part = Letter.objects.filter(home__in=keys[start : start + BATCH], used=None, replaced=None)
        replaced += part.update(replaced=now)
    out = [(home, new_code()) for home in homes]
    Letter.objects.bulk_create(
        (
            Letter(
                home=home, code=keyed("letter", code), made=now, made_by=by,
                expires=now + dt.timedelta(days=LETTER_DAYS),
            )
            for home, code in out
        ),
        batch_size=BATCH,
    )  # fmt: skip
    public = {"city": selectors.roll_name(quarter), "letters": len(out), "replaced": replaced}
    ledger.record("letters.printed", public, place=quarter, by=by)
    return out


def new_code() -> str:
    """Return a code that can be read aloud."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


def redeem(user: User, code: str, address: str) -> Residence:
    """Verify somebody by the code of a letter; a wrong code is counted.

    Raises
    ------
    HutongError
        ``too-many-codes`` after too many wrong ones from the person or the address; ``bad-code`` if it is not one
        that works now.
    """
    now, where = timezone.now(), keyed("address", address)
    wrong = Try.objects.filter(at__gt=now - WITHIN)
    if (
        wrong.filter(user=user).count() >= WRONG_BY_USER
        or wrong.filter(address=where).count() >= WRONG_BY_ADDRESS
    ):
        raise refusals.too_many_codes()
    plain = "".join(c for c in code.lower() if c.isalnum())
    with transaction.atomic():
        letter = Letter.objects.filter(
            code=keyed("letter", plain), used=None, replaced=None, expires__gt=now, home__listed=True
        ).first()
        if letter is not None and Letter.objects.filter(pk=letter.pk, used=None, replaced=None).update(
            used=now
        ):
            return _verify(user, letter.home, letter.home.lives_as, "letter")
    Try.objects.filter(at__lt=now - dt.timedelta(days=1)).delete()
    Try.objects.create(user=user, address=where, at=now)
    raise refusals.bad_code()


@transaction.atomic
def verify_at_counter(officer: User, user: User, home: Home, document: str, name: str) -> Residence:
    """Verify somebody whose document an officer saw; the name on it is compared with the roll and not kept.

    Raises
    ------
    HutongError
        ``own-counter`` for the officer's own home; ``not-people`` if a title is shown for a home that a unit holds;
        ``name-not-on-roll`` if the roll has names for the home and this is none of them.
    """
    if officer.pk == user.pk:
        raise refusals.own_counter()
    role = documents()[document].role or home.lives_as
    if role == OWNER and home.held in ("unit", "own"):
        raise refusals.not_people()
    held = list(home.holders.filter(kind__in=KINDS[role]))
    if documents()[document].role and held and name_token(home, name) not in {h.token for h in held}:
        raise refusals.name_not_on_roll()
    return _verify(user, home, role, "counter", officer, document)


@transaction.atomic
def ask(user: User, home: Home) -> Residence:
    """Ask to be verified as whoever lives in a home; the role counts nowhere until then.

    Raises
    ------
    HutongError
        ``too-many-homes`` if too many wait already.
    """
    known = Residence.objects.exclude(state=ENDED).filter(user=user, home=home).first()
    if known is not None:
        return known
    if Residence.objects.filter(user=user, state=WAITING).count() >= MOST_WAITING:
        raise refusals.too_many_homes(MOST_WAITING)
    return _open(user, home, home.lives_as)


def _open(user: User, home: Home, role: str) -> Residence:
    grant = accounts.grant(user, role, home.building)
    return Residence.objects.create(
        user=user, home=home, role=role, key=secrets.token_urlsafe(12), grant=grant
    )


def _verify(
    user: User, home: Home, role: str, how: str, by: User | None = None, document: str = ""
) -> Residence:
    """Let a residence count, and record it; one that counts already keeps its first way unless it gives another role."""
    found = Residence.objects.select_for_update().exclude(state=ENDED).filter(user=user, home=home).first()
    if found is not None and found.role != role:
        _close(found, "changed", by)
        found = None
    if found is None:
        found = _open(user, home, role)
    if found.standing():
        return found
    found.grant = accounts.grant(user, role, home.building, by=by, verified=how)
    found.state, found.how, found.document = VERIFIED, how, document
    found.verified, found.verified_by = timezone.now(), by
    found.save()
    public = {"how": how, "role": role, "document": document or "none"}
    ledger.record("resident.verified", public, _sealed(found), place=home.quarter, by=by or user)
    user.__dict__.pop("held", None)  # read anew: it holds more now
    for stage in stages():
        stage.home_verified(user, home.building, home.dwelling_id)
    return found


def _sealed(residence: Residence) -> dict[str, object]:
    return {"person": residence.user.username, "home": residence.home.dwelling_id}


@transaction.atomic
def vouch(residence: Residence, voucher: User) -> Vouch:
    """Give one's word for a neighbour; the second word from another home verifies them.

    Raises
    ------
    HutongError
        ``not-waiting``; ``no-neighbour`` if the voucher is none who may vouch for them; ``enough-vouches`` if they
        vouched too often within a year.
    """
    found = Residence.objects.select_for_update().get(pk=residence.pk)
    if found.state != WAITING:
        raise refusals.not_waiting()
    own = selectors.neighbour_home(voucher, found.home)
    if own is None or voucher.pk == found.user_id:
        raise refusals.no_neighbour()
    year = timezone.now() - dt.timedelta(days=365)
    open_now = found.vouches.filter(voucher=voucher, withdrawn=None).first()
    if open_now is not None:
        return open_now
    if Vouch.objects.filter(voucher=voucher, given__gt=year).count() >= VOUCHES_A_YEAR:
        raise refusals.enough_vouches(VOUCHES_A_YEAR)
    given = Vouch.objects.create(residence=found, voucher=voucher, home=own)
    standing = selectors.standing_vouches(found)
    _record_vouch("vouch.given", given, len(standing))
    if len({v.home_id for v in standing}) >= VOUCHERS:
        _verify(found.user, found.home, found.role, "vouched")
    return given


@transaction.atomic
def withdraw(given: Vouch) -> None:
    """Take one's word back; who rested on it is no longer verified."""
    if given.withdrawn is not None:
        return
    given.withdrawn = timezone.now()
    given.save(update_fields=["withdrawn"])
    found = Residence.objects.select_for_update().get(pk=given.residence_id)
    standing = selectors.standing_vouches(found)
    _record_vouch("vouch.withdrawn", given, len(standing))
    if found.state == VERIFIED and found.how == "vouched" and len({v.home_id for v in standing}) < VOUCHERS:
        _close(found, "withdrawn", None)


def _record_vouch(act: str, given: Vouch, standing: int) -> None:
    sealed = {"voucher": given.voucher.username, **_sealed(given.residence)}
    ledger.record(act, {"standing": standing}, sealed, place=given.residence.home.quarter, by=given.voucher)


@transaction.atomic
def end(residence: Residence, reason: str, by: User | None) -> None:
    """End a residence; the words that the person gave for neighbours fall with it if they were a mistake."""
    if reason not in REASONS:
        raise ValueError(reason)
    found = Residence.objects.select_for_update().get(pk=residence.pk)
    if found.state == ENDED:
        return
    _close(found, reason, by)
    if reason == "mistake":
        for given in Vouch.objects.filter(voucher=found.user, home=found.home, withdrawn=None):
            withdraw(given)


def _close(found: Residence, reason: str, by: User | None) -> None:
    was = found.state
    found.state, found.reason, found.ended = ENDED, reason, timezone.now()
    found.save(update_fields=["state", "reason", "ended"])
    others = Residence.objects.filter(grant=found.grant).exclude(pk=found.pk)
    if not others.filter(state=VERIFIED).exists():
        accounts.revoke(found.grant)
        for other in others.filter(state=WAITING):  # another home of the same building still waits
            other.grant = accounts.grant(other.user, other.role, other.home.building)
            other.save(update_fields=["grant"])
    if was == VERIFIED:
        public = {"how": found.how, "role": found.role, "reason": reason}
        ledger.record("resident.ended", public, _sealed(found), place=found.home.quarter, by=by or found.user)
        found.user.__dict__.pop("held", None)
        for stage in stages():
            stage.home_ended(found.user, found.home.building, found.home.dwelling_id)
