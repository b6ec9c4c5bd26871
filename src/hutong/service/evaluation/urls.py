"""Addresses of the pages of evaluation."""

from __future__ import annotations

from django.urls import path

from hutong.service.evaluation import views

urlpatterns = [
    path("", views.evaluations, name="evaluations"),
    path("new", views.new, name="evaluation_new"),
    path("works.csv", views.works_table, name="evaluation_works_empty"),
    path("<int:pk>", views.evaluation, name="evaluation"),
    path("<int:pk>/report", views.report, name="evaluation_report"),
    path("<int:pk>/report.html", views.report_file, name="evaluation_report_file"),
    path("<int:pk>/result.json", views.result, name="evaluation_result"),
    path("<int:pk>/works.csv", views.works, name="evaluation_works"),
    path("<int:pk>/compute", views.compute, name="evaluation_compute"),
    path("<int:pk>/publish", views.publish, name="evaluation_publish"),
    path("<int:pk>/lesson/<int:n>", views.decide, name="evaluation_decide"),
    path("<int:pk>/voice", views.voice, name="evaluation_voice"),
    path("lessons/<int:pk>.csv", views.lessons, name="lessons_record"),
    path("forecasts", views.forecasts, name="forecasts"),
    path("forecasts.csv", views.forecast_record, name="forecasts_record"),
    path("forecasts/<int:pk>", views.forecast, name="forecast"),
    path("forecasts/<int:pk>/outcome", views.settle, name="forecast_settle"),
]
