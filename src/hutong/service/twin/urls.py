"""Addresses of the pages of the twin."""

from __future__ import annotations

from django.urls import path

from hutong.service.twin import map_views, views

urlpatterns = [
    path("", views.quarters, name="quarters"),
    path("import", views.import_page, name="import"),
    path("<int:pk>", views.snapshot, name="snapshot"),
    path("<int:pk>/map", map_views.map_page, name="map"),
    path("<int:pk>/map.pmtiles", views.tiles, name="tiles"),
    path("<int:pk>/drawing.svg", views.drawing, name="drawing"),
    path("<int:pk>/layers/<slug:name>.json", map_views.layer, name="layer"),
    path("<int:pk>/layers", map_views.layer_table, name="layer_table"),
    path("<int:pk>/rows/<int:row>", views.building_row, name="building_row"),
    path("<int:pk>/buildings", views.buildings, name="buildings"),
    path("<int:pk>/buildings/<path:building_id>", views.building, name="building"),
    path("<int:pk>/download/<str:name>", views.download, name="download"),
    path("<int:pk>/publish", views.publish, name="publish"),
    path("<int:pk>/unpublish", views.unpublish, name="unpublish"),
]
