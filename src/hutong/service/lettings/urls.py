"""Addresses of the pages of rooms to let."""

from __future__ import annotations

from django.urls import path

from hutong.service.lettings import views

urlpatterns = [
    path("", views.lettings, name="lettings"),
    path("rooms/<int:pk>", views.room, name="letting_room"),
    path("rooms/<int:pk>/ask", views.ask, name="letting_ask"),
    path("rooms.csv", views.table, name="letting_table"),
    path("interest/<int:pk>", views.interest, name="interest"),
    path("interest/<int:pk>/back", views.take_back, name="interest_back"),
    path("lists/<int:pk>", views.draft, name="letting"),
    path("lists/<int:pk>/publish", views.publish, name="letting_publish"),
    path("lists/<int:pk>/withdraw", views.withdraw, name="letting_withdraw"),
    path("quarter/<int:pk>", views.office, name="letting_office"),
    path("quarter/<int:pk>/rooms.xlsx", views.rooms_sheet, name="letting_form"),
    path("quarter/<int:pk>/fees", views.fees, name="letting_fees"),
    path("quarter/<int:pk>/fees.xlsx", views.fees_sheet, name="letting_fees_form"),
]
