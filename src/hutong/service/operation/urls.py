"""Addresses of the pages of operation."""

from __future__ import annotations

from django.urls import path

from hutong.service.operation import views
from hutong.service.operation.floor import views as floor

urlpatterns = [
    path("", views.contracts, name="contracts"),
    path("new", views.new, name="contract_new"),
    path("draw", views.draw, name="contract_draw"),
    path("<int:pk>", views.contract, name="contract"),
    path("<int:pk>/do/<slug:event>", views.do, name="contract_do"),
    path("<int:pk>/return", views.file_return, name="contract_return"),
    path("<int:pk>/returns", views.file_table, name="contract_returns"),
    path("<int:pk>/rate", views.rate, name="contract_rate"),
    path("assets/<int:pk>", views.assets, name="assets"),
    path("assets/<int:pk>/table", views.register, name="assets_table"),
    path("asset/<int:pk>", views.asset, name="asset"),
    path("asset/<int:pk>/do/<slug:event>", views.do_asset, name="asset_do"),
    path("floor/<int:pk>", floor.account, name="floor"),
    path("floor/<int:pk>/book", floor.book, name="floor_book"),
]
