"""Addresses of the pages of exchange."""

from __future__ import annotations

from django.urls import path

from hutong.service.exchange import views

urlpatterns = [
    path("", views.exchange, name="exchange"),
    path("offer", views.make_offer, name="exchange_make"),
    path("offer/<int:pk>.zip", views.offer_file, name="exchange_offer"),
    path("receive", views.receive, name="exchange_receive"),
    path("received/<int:pk>", views.received, name="exchange_received"),
    path("received/<int:pk>.zip", views.received_file, name="exchange_received_file"),
    path("received/<int:pk>/decide", views.decide, name="exchange_decide"),
    path("sites", views.know, name="exchange_know"),
    path("sites/<int:pk>/forget", views.forget, name="exchange_forget"),
]
