"""The only writes of exchange: offer a package, receive one, decide on it, know a site."""

from __future__ import annotations

import hashlib
import re

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from hutong.act.ledger import Fault
from hutong.act.ledger.checker import Verifier
from hutong.errors import HutongError
from hutong.service.accounts.models import User
from hutong.service.exchange import selectors
from hutong.service.exchange.contents import PACKERS, sources_of
from hutong.service.exchange.format import FORMAT, VERSION, Manifest
from hutong.service.exchange.models import Offer, Partner, Received
from hutong.service.exchange.package import Opened, open_package, pack, part_of
from hutong.service.ledger import services as ledger
from hutong.service.ledger.keys import signing_key
from hutong.service.open_data.licences import licence_under, licences
from hutong.service.open_data.selectors import licence_at
from hutong.service.places.models import Place
from hutong.text import Text

#: So many packages may wait at a place; who sends more waits for a decision.
MOST_WAITING = 50


@transaction.atomic
def make_offer(kind: str, of: int, by: User, licence: str = "") -> Offer:
    """Pack something public and sign it; the same thing unchanged under the same licence is not offered twice.

    Parameters
    ----------
    licence
        One of those that an office may choose for its open data (SPDX id); "" is the one that holds for the open data of the city.
        A source that binds what is made of it goes before both.

    Raises
    ------
    Http404
        If it is not public or does not exist.
    HutongError
        ``bad-licence``.
    """
    place, title, content = PACKERS[kind](of)
    if licence and licence not in licences():
        raise HutongError(
            "bad-licence",
            Text("没有这种许可。", "There is no such licence."),
            Text("请从列表中选择。", "Choose one of the list."),
        )
    chosen = licences()[licence] if licence else licence_at(place)
    under = licence_under(chosen, sources_of(kind, of)).id
    key = signing_key()
    told = {
        "format": FORMAT,
        "version": VERSION,
        "kind": kind,
        "title": {"zh": title.zh, "en": title.en},
        "made": timezone.now().replace(microsecond=0),
        "origin": {
            "site": key.name, "key": str(key.verifier), "place": {"zh": place.name_zh, "en": place.name_en}, "licence": under,
            "practice": settings.ENVIRONMENT.practice,
        },
        "parts": [part_of(content)],
    }  # fmt: skip
    for known in Offer.objects.filter(kind=kind, of=of):
        m = open_package(bytes(known.data)).manifest
        if m.parts[0].sha256 == told["parts"][0]["sha256"] and m.origin.licence == under:  # type: ignore[index]
            return known
    data = pack(Manifest.model_validate(told), content, key)
    digest = hashlib.sha256(data).hexdigest()
    made = Offer.objects.create(
        place=place,
        kind=kind,
        of=of,
        title_zh=title.zh,
        title_en=title.en,
        data=data,
        digest=digest,
        person=by,
    )
    ledger.record(
        "package.offered", {"kind": kind, "of": f"{kind}-{of}", "digest": digest}, place=place, by=by
    )
    return made


def look(data: bytes) -> Opened:
    """Open a package that somebody sends, and refuse what may not come in here; nothing is written.

    Raises
    ------
    HutongError
        As :func:`open_package`; ``package-practice`` for one of a practice site on a real one.
    """
    found = open_package(data)
    if found.manifest.origin.practice and not settings.ENVIRONMENT.practice:
        raise HutongError(
            "package-practice",
            Text(
                "这个交换包来自练习站，内容是虚构的。",
                "The package comes from a practice site; what it holds is made up.",
            ),
            Text("正式站点不收。", "A real site does not take it."),
        )
    return found


@transaction.atomic
def receive(place: Place, data: bytes, sent_by: str) -> Received:
    """Keep a package until a person decides; the same one again returns what was kept.

    Raises
    ------
    HutongError
        As :func:`look`; ``package-own`` for one that this site made; ``too-many-packages`` while many wait.
    """
    found = look(data)
    Place.objects.select_for_update().get(pk=place.pk)
    known = Received.objects.filter(place=place, digest=found.digest).first()
    if known is not None:
        return known
    if str(found.signer) == str(signing_key().verifier):
        raise HutongError(
            "package-own",
            Text("这是本站自己的交换包。", "This package is this site’s own."),
            Text("请发给别的站点。", "Send it to another site."),
        )
    if Received.objects.filter(place=place, state="waiting").count() >= MOST_WAITING:
        raise HutongError(
            "too-many-packages",
            Text(
                f"已有 {MOST_WAITING} 个交换包在等待决定。", f"{MOST_WAITING} packages wait for a decision."
            ),
            Text("请先决定已收到的。", "Decide on those first."),
        )
    m = found.manifest
    return Received.objects.create(
        place=place, kind=m.kind, title_zh=m.title.zh, title_en=m.title.en, site=m.origin.site, key=str(found.signer),
        data=data, digest=found.digest, sent_by=sent_by[:120],
    )  # fmt: skip


@transaction.atomic
def decide(of: Received, take: bool, by: User) -> Received:
    """Take a package in, or refuse it; one from a site that nobody checked is not taken in.

    Raises
    ------
    HutongError
        ``decided``; ``unknown-site``.
    """
    locked = Received.objects.select_for_update(of=("self",)).select_related("place").get(pk=of.pk)
    if locked.state != "waiting":
        raise HutongError(
            "decided",
            Text("已经决定过。", "It was decided already."),
            Text("请刷新页面。", "Load the page again."),
        )
    if take and selectors.known(locked.place, locked.key) is None:
        raise HutongError(
            "unknown-site",
            Text("还没有人核对过这个站点的公钥。", "Nobody has checked this site’s key yet."),
            Text(
                "请向对方当面或电话核对公钥，登记后再收入。",
                "Check the key with them in person or by phone, enter the site, then take it in.",
            ),
        )
    locked.state = "taken" if take else "refused"
    locked.decided, locked.decided_by = timezone.now(), by
    locked.save(update_fields=["state", "decided", "decided_by"])
    if take:
        site = re.sub(r"[^\w.:/-]", "_", locked.site, flags=re.ASCII)[:100]
        ledger.record(
            "package.taken",
            {"kind": locked.kind, "site": site, "digest": locked.digest},
            place=locked.place,
            by=by,
        )
    return locked


@transaction.atomic
def know(place: Place, name: str, key: str, how: str, by: User) -> Partner:
    """Enter a site whose key a person checked outside the network.

    Raises
    ------
    HutongError
        ``bad-key``.
    """
    try:
        verifier = Verifier.read(key.strip())
    except Fault as caught:
        raise HutongError(
            "bad-key",
            Text("公钥格式不对。", "This is no key."),
            Text("公钥在对方站点的 /ledger/key。", "The key stands at /ledger/key of the other site."),
        ) from caught
    made, _ = Partner.objects.get_or_create(
        place=place,
        key=str(verifier),
        until=None,
        defaults={"name": name.strip()[:120], "how": how.strip()[:200], "person": by},
    )
    return made


def forget(found: Partner) -> None:
    """Know a site no longer; what was taken in stays, with its origin."""
    if found.until is None:
        found.until = timezone.now()
        found.save(update_fields=["until"])
