"""Who must agree, and whether they did.

In: a roll of heads with their areas, ballots, and what the rules require.
Out: the count in whole numbers, what is still needed, and how likely an act is to pass.
"""

from hutong.agree.probability import CONSENT_STREAM, pass_probability, pass_probability_groups
from hutong.agree.roll import Roll
from hutong.agree.rule import SIGNING, Rule, consent_rule, signing_rule, vote_rule
from hutong.agree.tally import ABSTAIN, NO, NONE, YES, Counts, Tally, tally, tally_groups, tally_many
from hutong.agree.threshold import Threshold

__all__ = [
    "ABSTAIN",
    "CONSENT_STREAM",
    "NO",
    "NONE",
    "SIGNING",
    "YES",
    "Counts",
    "Roll",
    "Rule",
    "Tally",
    "Threshold",
    "consent_rule",
    "pass_probability",
    "pass_probability_groups",
    "signing_rule",
    "tally",
    "tally_groups",
    "tally_many",
    "vote_rule",
]
