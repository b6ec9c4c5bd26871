"""``hutong plan CITY`` and its parts: schemes, and what may be asked of them.

``hutong plan CITY`` is ``hutong plan make CITY``: a first word that names no part is the city.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hutong.cli import plan_ask, plan_tradeoffs, schemes
from hutong.cli.console import group_with, guarded, out, print_json, progress, say

if TYPE_CHECKING:
    from hutong.city import City
    from hutong.plan.wishes import Wishes

DEFAULT = "make"


app = typer.Typer(
    cls=group_with(DEFAULT),
    no_args_is_help=True,
    help=say(
        "编制方案：合规、平衡、可签约。hutong plan CITY 等同 hutong plan make CITY。",
        "Schemes that the law allows, the money carries and people would sign. hutong plan CITY is hutong plan make CITY.",
    ),
)

for _part in (schemes, plan_ask, plan_tradeoffs):
    app.add_typer(_part.app)  # their commands stand beside these

CityPath = Annotated[Path, typer.Argument(metavar="CITY", help=say("城市快照文件夹", "city folder"))]
Budget = Annotated[
    float | None,
    typer.Option(min=0, help=say("公共资金上限（元）", "limit of public money (yuan)"), show_default=False),
]
Jurisdiction = Annotated[str, typer.Option(help=say("适用规则", "whose rules hold"))]
Seed = Annotated[int, typer.Option(min=0, help=say("随机种子", "random seed"))]
Json = Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON for a script"))]


def read_wishes(city: City, menu: Path | None, memories: Path | None) -> Wishes:
    """Read what residents chose and what they are attached to."""
    from hutong.agree import attachment_of_buildings, read_memories
    from hutong.plan.wishes import Wishes, read_choices
    from hutong.sense.requests.sheet import read_sheet

    return Wishes(
        None if menu is None else read_choices(read_sheet(menu, None)),
        None
        if memories is None
        else attachment_of_buildings(city, read_memories(read_sheet(memories, None))),
    )


@app.command(
    DEFAULT, help=say("三个方案并排（默认）。", "Three schemes side by side; what plain `hutong plan` does.")
)
@guarded
def make(
    city: CityPath,
    budget: Budget = None,
    explain: Annotated[
        str | None,
        typer.Option(
            metavar="OBJECT", help=say("说明某对象为何选此措施", "say why an object gets its measure")
        ),
    ] = None,
    scheme: Annotated[str, typer.Option(help=say("用于说明的方案", "scheme to explain"))] = "balanced",
    menu: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=say(
                "居民菜单结果（hutong agree menu --out）", "residents' choices (hutong agree menu --out)"
            ),
        ),
    ] = None,
    memories: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=say("记忆点（person、x、y）", "memories of places (person, x, y)")),
    ] = None,
    lessons: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=say("已采纳的经验（见 docs/learn.md）", "lessons that were accepted (docs/learn.md)"),
        ),
    ] = None,
    jurisdiction: Jurisdiction = "beijing",
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Make and compare three schemes."""
    from hutong.city import City
    from hutong.cli.show import plan_data, show_plan
    from hutong.loop import Settings, rules_for
    from hutong.plan import explain as explain_choice
    from hutong.plan import load_measures, make_plan
    from hutong.plan.learned import read_learned, with_learned
    from hutong.sense import checkup

    snapshot = City.load(city)
    rules = rules_for(snapshot, Settings(jurisdiction=jurisdiction))
    catalogue = load_measures()
    if lessons is not None:
        catalogue = with_learned(catalogue, read_learned(lessons, catalogue))
    wishes = read_wishes(snapshot, menu, memories)
    with progress() as step:
        result = make_plan(
            snapshot,
            checkup(snapshot, rules),
            rules,
            seed=seed,
            budget=budget,
            progress=step,
            wishes=wishes,
            measures=catalogue,
        )
    if explain is not None:
        words = explain_choice(result, scheme, explain)
        if as_json:
            print_json({"object": explain, "scheme": scheme, "text": words})
        else:
            out.print(say(words.zh, words.en), markup=False)
    elif as_json:
        print_json(plan_data(result))
    else:
        show_plan(result)
        for said in wishes.notes(result.scheme("balanced"), snapshot):
            out.print(say(said.zh, said.en), markup=False, soft_wrap=True)
