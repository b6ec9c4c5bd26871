"""Addresses of the pages of projects."""

from __future__ import annotations

from django.urls import path

from hutong.service.projects import views
from hutong.service.projects.things import views as things

urlpatterns = [
    path("", views.projects, name="projects"),
    path("new", views.new, name="project_new"),
    path("<int:pk>", views.project, name="project"),
    path("<int:pk>/office", views.office, name="project_office"),
    path("<int:pk>/move/<str:event>", views.move, name="project_move"),
    path("<int:pk>/paper", views.hand_in, name="project_paper"),
    path("<int:pk>/scheme", views.file_scheme, name="project_scheme"),
    path("<int:pk>/vote", views.tie_vote, name="project_vote"),
    path("<int:pk>/settle", views.settle, name="project_settle"),
    path("<int:pk>/review", views.ask, name="project_review"),
    path("<int:pk>/task", views.task, name="project_task"),
    path("<int:pk>/progress", views.progress, name="project_progress"),
    path("<int:pk>/disclose", views.disclose, name="project_disclose"),
    path("<int:pk>/inspect", things.inspect, name="project_inspect"),
    path("<int:pk>/open/<slug:machine>", things.begin, name="thing_open"),
    path("review/<int:pk>/opinion", views.opinion, name="review_opinion"),
    path("review/<int:pk>/conclude/<slug:outcome>", views.conclude, name="review_conclude"),
    path("paper/<int:pk>", views.paper, name="paper"),
    path("photo/<int:pk>", things.photo, name="site_photo"),
    path("matter/<int:pk>", things.thing, name="thing"),
    path("matter/<int:pk>/do/<slug:event>", things.do, name="thing_do"),
    path("map/<int:pk>.json", views.layer, name="project_layer"),
]
