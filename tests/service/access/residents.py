"""A home, somebody who asked for it, and a word that was given for a neighbour."""


def subjects(town, owner):
    from hutong.service.accounts import services as accounts
    from hutong.service.residents import services
    from hutong.service.residents.models import Home, Vouch

    home, other, third = (
        Home.objects.create(
            quarter=town.quarter, building=town.building, dwelling_id=f"access-{n}", held="people",
            lives_as="resident_tenant",
        )
        for n in range(3)
    )  # fmt: skip
    asked = services.ask(owner, home)
    theirs = services.ask(accounts.make_user("neighbour", "a-long-password-1"), other)
    given = Vouch.objects.create(residence=theirs, voucher=owner, home=home)
    quarter = {"": {"pk": town.quarter.pk}}
    return {
        "ask_home": {"": {"pk": third.pk}},
        "vouch": {"": {"key": theirs.key}},
        "vouch_withdraw": {"": {"pk": given.pk}},
        "residence_end": {"": {"pk": asked.pk}},
        **dict.fromkeys(
            (
                "residents_quarter",
                "residents_import",
                "residents_letters",
                "residents_holders_form",
                "residents_holders",
            ),
            quarter,
        ),
    }
