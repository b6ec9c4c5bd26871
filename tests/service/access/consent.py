"""What the pages of consent are opened on: a draft roll, and one that is shown, in the first estate."""

from __future__ import annotations

import uuid

from tests.service.consent_town import table


def subjects(town, owner):
    from hutong.service.accounts import services as accounts
    from hutong.service.consent.motions import services as motions
    from hutong.service.consent.rolls import services
    from hutong.text import Text

    officer = accounts.make_user("roll-officer", "a-long-password-1")
    accounts.grant(officer, "subdistrict", town.subdistrict)
    new = services.NewRoll(town.estate, "owners", Text("名册", "Roll"), table(6))
    draft = services.make_roll(new, officer)
    shown = services.publish(services.make_roll(new, officer), 7, officer)
    fix = {"action": "hold", "dwelling_id": "d1", "held": "disputed", "reason": "error", "why": "paper"}
    motion = motions.propose("roll.correct", shown.pk, shown.place, officer, fix)
    objection = services.object_to(shown, "d2", "the area is wrong", uuid.uuid4(), owner=owner)
    one, moved = {"": {"pk": draft.pk}}, {"": {"pk": motion.pk}}
    return {
        "roll": {"draft": {"pk": draft.pk}, "published": {"pk": shown.pk}},
        **dict.fromkeys(
            ("roll_replace", "roll_publish", "roll_object", "roll_freeze", "roll_correct", "roll_link"), one
        ),
        **dict.fromkeys(("motion_confirm", "motion_reject"), moved),
        "objection_answer": {"": {"pk": objection.pk}},
    }
