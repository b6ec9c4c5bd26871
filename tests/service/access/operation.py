"""What the pages of operation are opened on: a draft contract and a running one, an asset, the first quarter."""

from __future__ import annotations

from tests.service.test_operation import contract, running


def subjects(town, owner):
    from hutong.service.accounts import services as accounts
    from hutong.service.operation import services
    from tests.act.contracts.test_contracts import ASSETS

    officer = accounts.make_user("contract-officer", "a-long-password-1")
    draft, live = contract(town), running(town, officer)
    asset = services.register_assets(town.quarter, ASSETS)[0]
    at, place = {"": {"pk": live.pk}}, {"": {"pk": town.quarter.pk}}
    both = {"draft": {"pk": draft.pk}, "running": {"pk": live.pk}}
    return {
        "contract": both,
        "contract_rate": both,
        "contract_do": {"": {"pk": draft.pk, "event": "publish"}},
        "contract_return": at,
        **dict.fromkeys(("api_contract", "api_returns"), both),
        "api_returns_send": at,
        "contract_returns": at,
        **dict.fromkeys(("assets", "assets_table", "floor", "floor_book"), place),
        "asset": {"": {"pk": asset.pk}},
        "asset_do": {"": {"pk": asset.pk, "event": "take_over"}},
    }
