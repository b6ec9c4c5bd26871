"""Addresses of the pages of budgets."""

from __future__ import annotations

from django.urls import path

from hutong.service.budgets import views

urlpatterns = [
    path("", views.budgets, name="budgets"),
    path("new", views.new, name="budget_new"),
    path("<int:pk>", views.budget, name="budget"),
    path("<int:pk>/projects", views.projects, name="budget_projects"),
    path("<int:pk>/open", views.open_one, name="budget_open"),
    path("<int:pk>/vote", views.vote, name="budget_vote"),
    path("<int:pk>/paper", views.paper, name="budget_paper"),
    path("<int:pk>/close", views.close, name="budget_close"),
    path("<int:pk>/result.json", views.result, name="budget_result"),
]
