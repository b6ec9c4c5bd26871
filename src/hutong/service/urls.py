"""Where pages lie: each stage under its own prefix, and accounts as django-allauth has them."""

from __future__ import annotations

from importlib import import_module

from django.urls import include, path

from hutong.service.web.stage import stages

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    *(path(stage.prefix, include(import_module(f"{stage.name}.urls"))) for stage in stages() if stage.pages),
]

handler400 = "hutong.service.web.views.bad_request"
handler403 = "hutong.service.web.views.forbidden"
handler404 = "hutong.service.web.views.missing"
handler500 = "hutong.service.web.views.broken"
