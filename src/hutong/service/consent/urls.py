"""Addresses of the pages of rolls, votes, signing, surrender and offers."""

from __future__ import annotations

from django.urls import path

from hutong.service.consent import views
from hutong.service.consent.ballots import views as ballots
from hutong.service.consent.counting import views as counting
from hutong.service.consent.motions import views as motions
from hutong.service.consent.official import views as official
from hutong.service.consent.rolls import views as rolls
from hutong.service.consent.sheets import views as sheets
from hutong.service.consent.signing import views as signing
from hutong.service.consent.surrender import views as surrender

urlpatterns = [
    path("", views.consent, name="consent"),
    path("motions", motions.motions, name="motions"),
    path("motions/<int:pk>/confirm", motions.motion_confirm, name="motion_confirm"),
    path("motions/<int:pk>/reject", motions.motion_reject, name="motion_reject"),
    path("ballots/new", ballots.ballot_new, name="ballot_new"),
    path("ballots/<int:pk>", ballots.ballot, name="ballot"),
    path("ballots/<int:pk>/notice", ballots.ballot_notice, name="ballot_notice"),
    path("ballots/<int:pk>/propose/<slug:deed>", ballots.ballot_propose, name="ballot_propose"),
    path("ballots/<int:pk>/official", official.ballot_official, name="ballot_official"),
    path("ballots/<int:pk>/totals", official.ballot_totals, name="ballot_totals"),
    path("documents/<int:pk>", official.official_document, name="official_document"),
    path("ballots/<int:pk>/answer", ballots.ballot_answer, name="ballot_answer"),
    path("ballots/<int:pk>/board", ballots.board, name="board"),
    path("ballots/<int:pk>/sheets", sheets.sheets, name="sheets"),
    path("ballots/<int:pk>/letters", ballots.letters_print, name="letters_print"),
    path("ballots/<int:pk>/papers", ballots.papers_print, name="papers_print"),
    path("ballots/<int:pk>/counted.json", counting.count_list, name="count_list"),
    path("ballots/<int:pk>/recount", counting.recount, name="recount"),
    path("ballots/<int:pk>/audit", ballots.audit, name="ballot_audit"),
    path("sheets/<int:pk>", sheets.sheet_check, name="sheet_check"),
    path("receipts/<int:pk>", ballots.cast_receipt, name="cast_receipt"),
    path("receipts/<int:pk>/file", ballots.cast_receipt_file, name="cast_receipt_file"),
    path("code", ballots.letter, name="letter"),
    path("code/answer", ballots.letter_answer, name="letter_answer"),
    path("code/done", ballots.letter_done, name="letter_done"),
    path("signings/new", signing.signing_new, name="signing_new"),
    path("signings/<int:pk>", signing.signing, name="signing"),
    path("signings/<int:pk>/propose/<slug:deed>", signing.signing_propose, name="signing_propose"),
    path("signings/<int:pk>/sign", signing.sign, name="sign"),
    path("surrender/new", surrender.surrender_new, name="surrender_new"),
    path("surrender/<int:pk>", surrender.surrender, name="surrender"),
    path("surrender/<int:pk>/apply/<str:dwelling_id>", surrender.surrender_apply, name="surrender_apply"),
    path("surrender/<int:pk>/improve/<str:dwelling_id>", surrender.improve, name="surrender_improve"),
    path("improvements/<int:pk>/do/<slug:event>", surrender.improve_do, name="improvement_do"),
    path("surrender/<int:pk>/equal", surrender.equal, name="equal"),
    path("applications/<int:pk>", surrender.application, name="application"),
    path("applications/<int:pk>/do/<slug:event>", surrender.application_do, name="application_do"),
    path("rolls/new", rolls.roll_new, name="roll_new"),
    path("rolls/<int:pk>", rolls.roll, name="roll"),
    path("rolls/<int:pk>/replace", rolls.roll_replace, name="roll_replace"),
    path("rolls/<int:pk>/publish", rolls.roll_publish, name="roll_publish"),
    path("rolls/<int:pk>/object", rolls.roll_object, name="roll_object"),
    path("rolls/<int:pk>/freeze", rolls.roll_freeze, name="roll_freeze"),
    path("rolls/<int:pk>/correct", rolls.roll_correct, name="roll_correct"),
    path("rolls/<int:pk>/link", rolls.roll_link, name="roll_link"),
    path("objections/<int:pk>/answer", rolls.objection_answer, name="objection_answer"),
]
