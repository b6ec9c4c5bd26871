"""Who must agree, and whether they did.

In: a roll of heads with their areas, ballots, and what the rules require.
Out: the count in whole numbers, what is still needed, and how likely an act is to pass.
"""

from hutong.agree.ballot_box import Ballot, BallotBox, BoxResult, open_box
from hutong.agree.budget import BudgetOutcome, BudgetProject, BudgetVote, equal_shares, greedy_budget
from hutong.agree.budget_compare import BudgetComparison, compare_budgets
from hutong.agree.council import Council, Election, Member, elect
from hutong.agree.equal_treatment import unequal_offers
from hutong.agree.five_co import check_five_co, five_co_summary
from hutong.agree.homes import homes_at
from hutong.agree.lease import household_signers, lease_roll, unit_signatures
from hutong.agree.memory import attachment, attachment_of_buildings, read_memories, to_appraise
from hutong.agree.menu import Menu, MenuItem, menu_choices, read_menu, tally_menu, tally_undertakings
from hutong.agree.menu_answers import MenuAnswers
from hutong.agree.offers import Negotiation, Offer, OfferLine, compare_offers, surrender_offer
from hutong.agree.openness import Answer, Openness, openness, trust_indicators
from hutong.agree.opinion_chance import Chance, chance_words, compare_with_chance
from hutong.agree.opinion_files import Conversation, read_conversation
from hutong.agree.opinion_groups import GroupState, OpinionSettings
from hutong.agree.opinion_public import PublicOpinions, public_view
from hutong.agree.opinion_votes import Votes
from hutong.agree.opinion_words import describe
from hutong.agree.opinions import Opinions, find_opinions, next_statements
from hutong.agree.owners import owners_roll
from hutong.agree.pivotal import pivotal_groups
from hutong.agree.probability import CONSENT_STREAM, pass_probability, pass_probability_groups
from hutong.agree.projection import Projection, project, settled, wilson
from hutong.agree.roll import Roll
from hutong.agree.roll_book import (
    HELD_BACK,
    Change,
    Entry,
    HeldBack,
    Mandate,
    RollBook,
    head_of,
    held_back_words,
)
from hutong.agree.roll_table import RollRow, roll_from_table
from hutong.agree.rule import SIGNING, Rule, consent_rule, signing_rule, vote_rule
from hutong.agree.signing import Signing
from hutong.agree.sortition import Pool, Quota, Selection, quotas_from
from hutong.agree.sortition_draw import (
    Draw,
    PublishedLottery,
    audit_lottery,
    draw_ticket,
    panel_members,
    publish_lottery,
    verify_draw,
)
from hutong.agree.sortition_lottery import FairLottery, FairnessCertificate, check_certificate, fair_lottery
from hutong.agree.statements import (
    Moderation,
    ModerationEntry,
    hide_reasons,
    moderation_queue,
    similar_statements,
)
from hutong.agree.still_needed import StillNeeded, needed_words, stands_with_held_back, still_needed
from hutong.agree.surrender import (
    Surrender,
    courtyards_in_public,
    improvements,
    stay_rights,
    surrender_forms,
    surrender_steps,
    whole_courtyards,
)
from hutong.agree.tally import (
    ABSTAIN,
    NO,
    NONE,
    YES,
    Counts,
    Tally,
    tally,
    tally_groups,
    tally_many,
    tally_totals,
    totals_of,
)
from hutong.agree.threshold import Threshold
from hutong.agree.totals import Misfit, Totals, misfits

__all__ = [
    "ABSTAIN",
    "CONSENT_STREAM",
    "HELD_BACK",
    "NO",
    "NONE",
    "SIGNING",
    "YES",
    "Answer",
    "Ballot",
    "BallotBox",
    "BoxResult",
    "BudgetComparison",
    "BudgetOutcome",
    "BudgetProject",
    "BudgetVote",
    "Chance",
    "Change",
    "Conversation",
    "Council",
    "Counts",
    "Draw",
    "Election",
    "Entry",
    "FairLottery",
    "FairnessCertificate",
    "GroupState",
    "HeldBack",
    "Mandate",
    "Member",
    "Menu",
    "MenuAnswers",
    "MenuItem",
    "Misfit",
    "Moderation",
    "ModerationEntry",
    "Negotiation",
    "Offer",
    "OfferLine",
    "Openness",
    "OpinionSettings",
    "Opinions",
    "Pool",
    "Projection",
    "PublicOpinions",
    "PublishedLottery",
    "Quota",
    "Roll",
    "RollBook",
    "RollRow",
    "Rule",
    "Selection",
    "Signing",
    "StillNeeded",
    "Surrender",
    "Tally",
    "Threshold",
    "Totals",
    "Votes",
    "attachment",
    "attachment_of_buildings",
    "audit_lottery",
    "chance_words",
    "check_certificate",
    "check_five_co",
    "compare_budgets",
    "compare_offers",
    "compare_with_chance",
    "consent_rule",
    "courtyards_in_public",
    "describe",
    "draw_ticket",
    "elect",
    "equal_shares",
    "fair_lottery",
    "find_opinions",
    "five_co_summary",
    "greedy_budget",
    "head_of",
    "held_back_words",
    "hide_reasons",
    "homes_at",
    "household_signers",
    "improvements",
    "lease_roll",
    "menu_choices",
    "misfits",
    "moderation_queue",
    "needed_words",
    "next_statements",
    "open_box",
    "openness",
    "owners_roll",
    "panel_members",
    "pass_probability",
    "pass_probability_groups",
    "pivotal_groups",
    "project",
    "public_view",
    "publish_lottery",
    "quotas_from",
    "read_conversation",
    "read_memories",
    "read_menu",
    "roll_from_table",
    "settled",
    "signing_rule",
    "similar_statements",
    "stands_with_held_back",
    "stay_rights",
    "still_needed",
    "surrender_forms",
    "surrender_offer",
    "surrender_steps",
    "tally",
    "tally_groups",
    "tally_many",
    "tally_menu",
    "tally_totals",
    "tally_undertakings",
    "to_appraise",
    "totals_of",
    "trust_indicators",
    "unequal_offers",
    "unit_signatures",
    "verify_draw",
    "vote_rule",
    "whole_courtyards",
    "wilson",
]
