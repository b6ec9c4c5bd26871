"""What the routes of the API are opened on, beside snapshots and checkups."""


def subjects(town, owner):
    """Return, per route and variant, the captured parts of its address."""
    from hutong.service.api import services
    from hutong.service.ledger import services as ledger
    from hutong.service.requests import services as requests

    token, _ = services.make_token("meter", "property_manager", town.estate, None)
    ballot = {"ballot": "b-2", "channel": "counter"}
    entry = ledger.record("ballot.cast", ballot, {"voter": "v", "choice": "for"}, place=town.quarter)
    filed = requests.file(requests.NewRequest(town.building, "楼道灯不亮")).request
    return {
        "api_token_revoke": {"": {"pk": token.pk}},
        "api_missing": {"": {"rest": "nothing"}},
        "api_place": {"": {"pk": town.quarter.pk}},
        "api_request": {"": {"number": filed.number}},
        "api_entry": {"": {"index": entry.index}},
        "api_proof": {"": {"index": entry.index}},
    }
