"""What the pages of exchange are opened on: an offer, a package that waits, one that was taken in, and a known site."""

from __future__ import annotations


def subjects(town, owner):
    from hutong.service.exchange import services
    from hutong.service.exchange.models import Offer, Partner, Received
    from tests.service.test_exchange import packed, signer

    data = packed()
    kept = services.receive(town.quarter, data, "somebody")
    other = packed(title="另一个")
    taken = services.receive(town.quarter, other, "somebody")
    Received.objects.filter(pk=taken.pk).update(state="taken")
    offer = Offer.objects.create(
        place=town.quarter,
        kind="indicators",
        of=1,
        title_zh="指标",
        title_en="Indicators",
        data=data,
        digest="0" * 64,
    )
    site = Partner.objects.create(
        place=town.district, name="别处", key=str(signer().verifier), how="电话", person=owner
    )
    both = {"waiting": {"pk": kept.pk}, "taken": {"pk": taken.pk}}
    return {
        "exchange_offer": {"": {"pk": offer.pk}},
        "api_offer": {"": {"pk": offer.pk}},
        "exchange_received": both,
        "exchange_received_file": {k: dict(v) for k, v in both.items()},
        "exchange_decide": {"": {"pk": kept.pk}},
        "exchange_forget": {"": {"pk": site.pk}},
    }  # fmt: skip
