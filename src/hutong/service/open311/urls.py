"""Addresses of GeoReport v2; each ends in .json or .xml."""

from __future__ import annotations

from django.urls import re_path

from hutong.service.open311 import views

FORM = r"\.(?P<form>json|xml)$"

urlpatterns = [
    re_path(rf"^discovery{FORM}", views.discovery, name="open311_discovery"),
    re_path(rf"^services{FORM}", views.services, name="open311_services"),
    re_path(rf"^services/(?P<code>[^\0]+){FORM}", views.service, name="open311_service"),
    re_path(rf"^requests{FORM}", views.requests, name="open311_requests"),
    re_path(rf"^requests/(?P<number>[^\0]+){FORM}", views.request_one, name="open311_request"),
]
