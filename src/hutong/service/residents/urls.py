"""Addresses of the pages of residents."""

from __future__ import annotations

from django.urls import path

from hutong.service.residents import views

urlpatterns = [
    path("", views.residents, name="residents"),
    path("mine", views.my_home, name="my_home"),
    path("code", views.code, name="residents_code"),
    path("find", views.find_home, name="find_home"),
    path("ask/<int:pk>", views.ask, name="ask_home"),
    path("vouch/<str:key>", views.vouch, name="vouch"),
    path("vouches/<int:pk>/withdraw", views.withdraw, name="vouch_withdraw"),
    path("<int:pk>/end", views.end, name="residence_end"),
    path("counter", views.counter, name="residents_counter"),
    path("quarter/<int:pk>", views.quarter, name="residents_quarter"),
    path("quarter/<int:pk>/import", views.import_roll, name="residents_import"),
    path("quarter/<int:pk>/letters", views.letters, name="residents_letters"),
    path("quarter/<int:pk>/holders.xlsx", views.holders_form, name="residents_holders_form"),
    path("quarter/<int:pk>/holders", views.holders, name="residents_holders"),
]
