"""What the pages of homes are opened on: a home with a question, and a surrender project."""

from __future__ import annotations

import uuid


def subjects(town, owner):
    from hutong.service.accounts import services as accounts
    from hutong.service.consent.models import Project
    from hutong.service.my_home import services
    from tests.service.test_my_home import contact, home_of

    officer = accounts.make_user("home-officer", "a-long-password-1")
    accounts.grant(officer, "subdistrict", town.subdistrict)
    contact(town, officer)
    home = home_of(town, None, "d-asked")
    asked = services.ask(services.NewQuestion(home, "好好的一个问题"), officer, uuid.uuid4())
    one, offered = {"": {"pk": home.pk}}, {"": {"pk": Project.objects.first().pk}}  # of the app consent
    return {
        **dict.fromkeys(("home_page", "home_print", "home_ask"), one),
        "home_question": {"": {"pk": asked.pk}},
        **dict.fromkeys(("homes_offered", "homes_offered_form"), offered),
    }
