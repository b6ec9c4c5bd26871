"""Addresses of the API and of the page that describes it."""

from __future__ import annotations

from django.urls import path

from hutong.service.api import views
from hutong.service.api.site import PREFIX, make_api
from hutong.service.web.rest import ACCESS

routes = [
    path(f"{PREFIX}{route.pattern}", route.callback, name=route.name)
    for route in make_api().urls[0]
    if route.name != "api-root"
]
for _route in routes:
    _route.callback.access = ACCESS[_route.name]

urlpatterns = [
    path("", views.docs, name="api_docs"),
    path("openapi.json", views.openapi, name="api_openapi"),
    path("tokens", views.tokens, name="api_tokens"),
    path("tokens/<int:pk>/revoke", views.revoke, name="api_token_revoke"),
    *routes,
    path(f"{PREFIX}<path:rest>", views.missing, name="api_missing"),
]
