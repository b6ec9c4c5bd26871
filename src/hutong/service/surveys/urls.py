"""Addresses of the pages of surveys."""

from __future__ import annotations

from django.urls import path

from hutong.service.surveys import views

urlpatterns = [
    path("", views.surveys, name="surveys"),
    path("mine", views.mine, name="surveys_mine"),
    path("worker.js", views.worker, name="surveys_worker"),
    path("task/<int:pk>", views.task, name="survey_task"),
    path("task/<int:pk>/send", views.send, name="survey_send"),
    path("round/<int:pk>", views.survey_round, name="survey_round"),
    path("round/<int:pk>/assign", views.assign, name="survey_assign"),
    path("round/<int:pk>/back", views.take_back, name="survey_take_back"),
    path("round/<int:pk>/close", views.close, name="survey_close"),
    path("round/<int:pk>/merge", views.merge, name="survey_merge"),
    path("round/<int:pk>/paper", views.paper, name="survey_paper"),
]
