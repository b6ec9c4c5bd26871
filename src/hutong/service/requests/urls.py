"""Addresses of the pages of requests."""

from __future__ import annotations

from django.urls import path

from hutong.service.requests import topics, views
from hutong.service.requests.orders import views as orders
from hutong.service.requests.units import views as units

urlpatterns = [
    path("", views.requests, name="requests"),
    path("new", views.where, name="request_where"),
    path("new/<int:pk>", views.report, name="request_new"),
    path("new/<int:pk>/alike", views.alike, name="request_alike"),
    path("filed/<int:pk>", views.filed, name="request_filed"),
    path("find", views.find, name="request_find"),
    path("mine", views.mine, name="request_mine"),
    path("<int:pk>", views.own, name="request_own"),
    path("<int:pk>/do/<slug:event>", views.own_step, name="request_own_step"),
    path("<int:pk>/follow", views.follow, name="request_follow"),
    path("desk", views.desk, name="request_desk"),
    path("topics", topics.topics, name="request_topics"),
    path("orders", orders.orders, name="request_orders"),
    path("orders/replies", orders.replies_file, name="request_replies"),
    path("units", units.units, name="units"),
    path("units/<int:pk>", units.unit, name="unit"),
    path("units/people/<int:pk>/leave", units.unit_leave, name="unit_leave"),
    path("units/rows/<int:pk>/end", units.unit_end, name="unit_end"),
    path("case/<int:pk>", views.case, name="request_case"),
    path("case/<int:pk>/do/<slug:event>", views.case_step, name="request_step"),
    path("photo/<int:pk>", views.photo, name="request_photo"),
]
