"""Addresses of the pages of the council."""

from __future__ import annotations

from django.urls import path

from hutong.service.council import views
from hutong.service.council.drafts import views as drafts

urlpatterns = [
    path("", views.council, name="council"),
    path("new", views.new, name="council_new"),
    path("owed", views.owed, name="council_owed"),
    path("owed/<int:pk>", views.answer, name="council_answer"),
    path("<int:pk>", views.process, name="council_process"),
    path("<int:pk>/phase", views.move, name="council_move"),
    path("<int:pk>/cards", views.cards, name="council_cards"),
    path("<int:pk>/mine", views.mine, name="council_mine"),
    path("<int:pk>/write", views.write, name="council_write"),
    path("<int:pk>/alike", views.alike, name="council_alike"),
    path("<int:pk>/opinions", views.opinions, name="council_opinions"),
    path("<int:pk>/paper", views.paper, name="council_paper"),
    path("<int:pk>/moderate", views.moderate, name="council_moderate"),
    path("<int:pk>/draft", drafts.new, name="council_draft_new"),
    path("draft/<int:pk>", drafts.draft, name="council_draft"),
    path("paragraph/<int:pk>/comment", drafts.comment, name="council_comment"),
    path("comment/<int:pk>/answer", drafts.answer, name="council_comment_answer"),
    path("comment/<int:pk>/hide", drafts.hide, name="council_comment_hide"),
    path("answer/<int:pk>.json", views.answer_text, name="council_answer_text"),
    path("statement/<int:pk>", views.statement, name="council_statement"),
    path("statement/<int:pk>/moderate", views.moderate_one, name="council_moderate_one"),
]
