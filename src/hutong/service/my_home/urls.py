"""Addresses of the pages of homes."""

from __future__ import annotations

from django.urls import path

from hutong.service.my_home import views

urlpatterns = [
    path("", views.my_homes, name="my_homes"),
    path("find", views.find, name="home_find"),
    path("<int:pk>", views.page, name="home_page"),
    path("<int:pk>/print", views.printed, name="home_print"),
    path("<int:pk>/ask", views.ask, name="home_ask"),
    path("questions", views.questions, name="home_questions"),
    path("questions/<int:pk>", views.question, name="home_question"),
    path("contacts", views.contacts, name="home_contacts"),
    path("offers/<int:pk>", views.offers, name="homes_offered"),
    path("offers/<int:pk>/form.xlsx", views.offers_form, name="homes_offered_form"),
]
