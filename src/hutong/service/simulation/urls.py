"""Addresses of the pages of simulation."""

from __future__ import annotations

from django.urls import path

from hutong.service.simulation import views

urlpatterns = [
    path("", views.simulations, name="simulations"),
    path("new", views.new, name="simulation_new"),
    path("parameters", views.parameters, name="simulation_parameters"),
    path("<int:pk>", views.simulation, name="simulation"),
    path("<int:pk>/stop", views.stop, name="simulation_stop"),
    path("<int:pk>/resume", views.resume, name="simulation_resume"),
    path("<int:pk>/publish", views.publish, name="simulation_publish"),
    path("<int:pk>/attach", views.attach, name="simulation_attach"),
    path("<int:pk>/files/<str:name>", views.file, name="simulation_file"),
    path("<int:pk>/layers/<slug:name>.json", views.layer, name="simulation_layer"),
]
