"""Addresses of the pages of schemes."""

from __future__ import annotations

from django.urls import path

from hutong.service.schemes import comparing, trading, views
from hutong.service.schemes.consulting import views as consulting
from hutong.service.schemes.drafting import views as drafting

urlpatterns = [
    path("", views.schemes, name="schemes"),
    path("new", views.new, name="scheme_new"),
    path("compare", comparing.compare, name="scheme_compare"),
    path("<int:pk>", views.scheme, name="scheme"),
    path("<int:pk>/rename", views.rename, name="scheme_rename"),
    path("<int:pk>/do/<slug:event>", views.do, name="scheme_do"),
    path("<int:pk>/solve", views.solve, name="scheme_solve"),
    path("cancel/<int:pk>", views.cancel, name="scheme_cancel"),
    path("<int:pk>/studio", drafting.studio, name="scheme_studio"),
    path("<int:pk>/object/<str:name>", drafting.thing, name="scheme_thing"),
    path("<int:pk>/row/<int:row>", drafting.row, name="scheme_row"),
    path("<int:pk>/put/<str:name>", drafting.put, name="scheme_put"),
    path("<int:pk>/terms", drafting.terms, name="scheme_terms"),
    path("<int:pk>/reason", drafting.reason, name="scheme_reason"),
    path("<int:pk>/undo", drafting.undo, name="scheme_undo"),
    path("<int:pk>/bring", drafting.bring, name="scheme_bring"),
    path("<int:pk>/keep", drafting.keep, name="scheme_keep"),
    path("<int:pk>/layer", drafting.layer, name="scheme_draft_layer"),
    path("versions/<int:pk>", views.version, name="scheme_version"),
    path("versions/<int:pk>/print", views.printed, name="scheme_print"),
    path("versions/<int:pk>/file", views.file, name="scheme_file"),
    path("versions/<int:pk>/layer", views.layer, name="scheme_layer"),
    path("versions/<int:pk>/copy", views.copy, name="scheme_copy"),
    path("versions/<int:pk>/say", consulting.speak, name="scheme_say"),
    path("versions/<int:pk>/experts", views.experts, name="scheme_experts"),
    path("versions/<int:pk>/changes", comparing.diff, name="scheme_diff"),
    path("versions/<int:pk>/why", comparing.explain, name="scheme_why"),
    path("points/<int:pk>/answer", views.answer, name="scheme_answer"),
    path("outlooks/<int:pk>", views.outlook, name="scheme_outlook"),
    path("outlooks/<int:pk>/file", views.outlook_file, name="scheme_outlook_file"),
    path("tradeoffs/<int:pk>", trading.tradeoff, name="scheme_tradeoff"),
    path("tradeoffs/<int:pk>/point/<slug:point>", trading.point, name="scheme_point"),
    path("tradeoffs/<int:pk>/point/<slug:point>/row/<int:row>", trading.row, name="scheme_point_row"),
    path("tradeoffs/<int:pk>/point/<slug:point>/layer", trading.layer, name="scheme_point_layer"),
    path("tradeoffs/<int:pk>/keep/<slug:point>", trading.keep_point, name="scheme_keep_point"),
]
