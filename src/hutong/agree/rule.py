"""What an act of consent requires: who is counted, how many must take part, how many must agree."""

from __future__ import annotations

from dataclasses import dataclass

from hutong.agree.threshold import Threshold
from hutong.errors import HutongError
from hutong.rules import Rules
from hutong.text import Text

#: Signing acts and the parameter that sets the share of each.
SIGNING = {
    "mediation": "signing.mediation_trigger",
    "mediation_public": "signing.mediation_trigger_public",
    "rebuild": "signing.rebuild_min",
    "rebuild_start": "signing.rebuild_start_min",
    "presigning": "presigning.threshold",
    "willingness": "willingness.apply_min",
    "willingness_other": "willingness.other_min",
}
SILENCE = ("absent", "abstain")


@dataclass(frozen=True, slots=True)
class Rule:
    """The thresholds of one act of consent; None where the act does not ask.

    ``population`` is what the pass thresholds are shares of: those ``participating``, or ``all`` on the roll.
    ``silence`` is how a head without a ballot counts: ``absent``, or ``abstain`` (takes part, does not agree).
    """

    id: str
    title: Text
    quorum_area: Threshold | None
    quorum_heads: Threshold | None
    pass_area: Threshold | None
    pass_heads: Threshold | None
    basis: str
    population: str
    silence: str
    parameters: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.population not in ("participating", "all"):
            raise _unsupported(f"{self.id}: population {self.population!r}")
        if self.silence not in SILENCE:
            raise _unsupported(f"{self.id}: silence {self.silence!r}")
        if self.pass_area is None and self.pass_heads is None:
            raise _unsupported(f"{self.id}: no threshold to pass")


def _unsupported(what: str) -> HutongError:
    return HutongError(
        "unsupported-rule",
        Text(f"无法按此规则计票（{what}）。", f"Nothing can be counted by this rule ({what})."),
        Text("请核对规则文件中的 vote.* 和 signing.* 各项。", "Check vote.* and signing.* in the rule file."),
    )


def vote_rule(rules: Rules, matter: str | int) -> Rule:
    """Return what a common decision of owners requires (Civil Code art. 278).

    Parameters
    ----------
    matter
        ``"special"``, ``"ordinary"``, ``"unanimous"`` (art. 279, of those interested), or the number 1–9 of the
        matter in art. 278.

    Raises
    ------
    HutongError
        For another matter.
    """
    if matter == "unanimous":
        return _unanimous(rules)
    number: int | None = None
    majority = matter
    if type(matter) is int and 1 <= matter <= 9:
        number = matter
        majority = str(rules.value(f"vote.matter.{number}"))
    if majority not in ("special", "ordinary"):
        raise HutongError(
            "unknown-matter",
            Text(f"没有表决事项 {matter!r}。", f"There is no matter {matter!r} to vote on."),
            Text(
                "可用 special、ordinary、unanimous，或民法典第278条事项编号 1–9。",
                "Use special, ordinary, unanimous, or the number 1–9 of the matter in art. 278.",
            ),
        )
    title = {
        "special": Text("特别事项（双四分之三）", "Special matter (three quarters of both)"),
        "ordinary": Text("一般事项（双过半）", "Ordinary matter (more than half of both)"),
    }[str(majority)]
    names = [f"vote.{part}.{m}" for part in ("quorum", majority) for m in ("area", "heads", "strict")]
    quorum, passing = (rules.flag(f"vote.{part}.strict") for part in ("quorum", majority))
    return Rule(
        id=f"vote.{majority}" if number is None else f"vote.matter.{number}",
        title=title if number is None else rules[f"vote.matter.{number}"].title,
        quorum_area=Threshold.of(rules.fraction("vote.quorum.area"), quorum),
        quorum_heads=Threshold.of(rules.fraction("vote.quorum.heads"), quorum),
        pass_area=Threshold.of(rules.fraction(f"vote.{majority}.area"), passing),
        pass_heads=Threshold.of(rules.fraction(f"vote.{majority}.heads"), passing),
        basis="heads+area",
        population=rules[f"vote.{majority}.area"].population,
        silence=str(rules.value("vote.silence")),
        parameters=(*names, "vote.silence"),
    )


def _unanimous(rules: Rules) -> Rule:
    parameter = rules["vote.unanimous.heads"]
    return Rule(
        id="vote.unanimous",
        title=parameter.title,
        quorum_area=None,
        quorum_heads=None,
        pass_area=None,
        pass_heads=Threshold.of(rules.fraction(parameter.id)),
        basis=parameter.basis,
        population="all",  # the roll is of those interested
        silence="absent",
        parameters=(parameter.id,),
    )


def signing_rule(rules: Rules, act: str) -> Rule:
    """Return what a signing act requires: a share of all on its own roll, silence being no signature.

    Parameters
    ----------
    act
        ``mediation`` (private homes vacated: the share that opens mediation), ``mediation_public`` (the same for
        public homes), ``rebuild`` (intent to rebuild), ``rebuild_start`` (when works begin), ``presigning``
        (conditional pre-signing), ``willingness`` (to put an estate forward), or ``willingness_other`` (the same for
        what is not an old housing estate, where the law tells them apart).

    Notes
    -----
    Where a jurisdiction also asks for a share of the area (Shenzhen: 95 % of both), it says so in ``<parameter>_area``.

    Raises
    ------
    HutongError
        For another act, or one for which the rules set no share; voluntary lease surrender has no threshold and is no
        such act.
    """
    if act not in SIGNING:
        raise HutongError(
            "unknown-act",
            Text(f"没有签约事项 {act!r}。", f"There is no signing act {act!r}."),
            Text(
                f"可用：{'、'.join(SIGNING)}；申请式退租由各户自愿决定，没有门槛。",
                f"Use one of {', '.join(SIGNING)}; lease surrender has no threshold, each tenant decides alone.",
            ),
        )
    if SIGNING[act] not in rules:
        known = [name for name, of in SIGNING.items() if of in rules]
        raise HutongError(
            "act-without-share",
            Text(
                f"所选规则没有规定 {act} 的签约比例。", f"The rules that hold here set no share for {act!r}."
            ),
            Text(f"这里有规定的：{'、'.join(known)}。", f"They set one for {', '.join(known)}."),
        )
    parameter = rules[SIGNING[act]]
    of_area = f"{parameter.id}_area"
    both = of_area in rules
    return Rule(
        id=f"signing.{act}",
        title=parameter.title,
        quorum_area=None,
        quorum_heads=None,
        pass_area=Threshold.of(rules.fraction(of_area)) if both else None,
        pass_heads=Threshold.of(rules.fraction(parameter.id)),
        basis=f"{parameter.basis}+area" if both else parameter.basis,
        population=parameter.population,
        silence="absent",
        parameters=(parameter.id, of_area) if both else (parameter.id,),
    )


def consent_rule(rules: Rules, matter: str) -> Rule | None:
    """Return the rule for a measure's ``matter``: ordinary, special, signing, surrender or none.

    Signing is held to the share that opens mediation (Beijing: 95 %); where the rules know no such share, everyone whose
    home it is must sign. Surrender and none have no common threshold: None.
    """
    if matter in ("surrender", "none"):
        return None
    if matter != "signing":
        return vote_rule(rules, matter)
    return signing_rule(rules, "mediation") if SIGNING["mediation"] in rules else _unanimous(rules)
