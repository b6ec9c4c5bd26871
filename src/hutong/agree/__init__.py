"""Who must agree, and whether they did.

In: a roll of heads with their areas, ballots, and what the rules require.
Out: the count in whole numbers, what is still needed, and how likely an act is to pass.
"""

from hutong.agree.opinion_groups import GroupState, OpinionSettings
from hutong.agree.opinion_public import PublicOpinions, public_view
from hutong.agree.opinion_votes import Votes
from hutong.agree.opinion_words import describe
from hutong.agree.opinions import Opinions, find_opinions, next_statements
from hutong.agree.probability import CONSENT_STREAM, pass_probability, pass_probability_groups
from hutong.agree.roll import Roll
from hutong.agree.rule import SIGNING, Rule, consent_rule, signing_rule, vote_rule
from hutong.agree.statements import (
    Moderation,
    ModerationEntry,
    hide_reasons,
    moderation_queue,
    similar_statements,
)
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
    "GroupState",
    "Moderation",
    "ModerationEntry",
    "OpinionSettings",
    "Opinions",
    "PublicOpinions",
    "Roll",
    "Rule",
    "Tally",
    "Threshold",
    "Votes",
    "consent_rule",
    "describe",
    "find_opinions",
    "hide_reasons",
    "moderation_queue",
    "next_statements",
    "pass_probability",
    "pass_probability_groups",
    "public_view",
    "signing_rule",
    "similar_statements",
    "tally",
    "tally_groups",
    "tally_many",
    "vote_rule",
]
