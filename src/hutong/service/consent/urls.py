"""Addresses of the pages of rolls, votes, signing, surrender and offers."""

from __future__ import annotations

from django.urls import path

from hutong.service.consent import views
from hutong.service.consent.motions import views as motions
from hutong.service.consent.rolls import views as rolls

urlpatterns = [
    path("", views.consent, name="consent"),
    path("motions", motions.motions, name="motions"),
    path("motions/<int:pk>/confirm", motions.motion_confirm, name="motion_confirm"),
    path("motions/<int:pk>/reject", motions.motion_reject, name="motion_reject"),
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
