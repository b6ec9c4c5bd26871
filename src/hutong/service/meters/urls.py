"""Addresses of the pages of meters and sensors."""

from __future__ import annotations

from django.urls import path

from hutong.service.meters import views

urlpatterns = [
    path("", views.alerts, name="meter_alerts"),
    path("alerts/<int:pk>/acknowledge", views.acknowledge, name="meter_acknowledge"),
    path("series", views.all_series, name="meter_all_series"),
    path("series/<int:pk>", views.one_series, name="meter_series"),
    path("series/<int:pk>/carbon", views.carbon, name="meter_carbon"),
    path("upload", views.upload, name="meter_upload"),
    path("sensors", views.sensors, name="meter_sensors"),
]
