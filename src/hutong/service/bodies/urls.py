"""Addresses of the pages of bodies."""

from __future__ import annotations

from django.urls import path

from hutong.service.bodies import views

urlpatterns = [
    path("", views.bodies, name="bodies"),
    path("new", views.new, name="body_new"),
    path("network", views.network, name="body_network"),
    path("<int:pk>", views.body, name="body"),
    path("<int:pk>/seat", views.add_seat, name="body_seat"),
    path("<int:pk>/call", views.call, name="body_call"),
    path("<int:pk>/matter", views.raise_matter, name="body_matter"),
    path("<int:pk>/draw", views.new_draw, name="body_draw_new"),
    path("meeting/<int:pk>", views.meeting, name="meeting"),
    path("meeting/<int:pk>/attend", views.attend, name="meeting_attend"),
    path("meeting/<int:pk>/paper", views.paper, name="meeting_paper"),
    path("meeting/<int:pk>/commit", views.commit, name="meeting_commit"),
    path("meeting/<int:pk>/publish", views.publish, name="meeting_publish"),
    path("commitment/<int:pk>", views.report, name="commitment"),
    path("matter/<int:pk>", views.matter, name="matter"),
    path("matter/<int:pk>/pass", views.pass_on, name="matter_pass"),
    path("draw/<int:pk>", views.draw, name="draw"),
    path("draw/<int:pk>/seed", views.seed, name="draw_seed"),
    path("draw/<int:pk>/lottery.json", views.lottery_file, name="draw_file"),
    path("draw/<int:pk>/keys.csv", views.keys, name="draw_keys"),
]
