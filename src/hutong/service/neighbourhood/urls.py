"""Addresses of the pages of the neighbourhood."""

from __future__ import annotations

from django.urls import path

from hutong.service.neighbourhood import views

urlpatterns = [
    path("", views.neighbourhood, name="neighbourhood"),
    path("open/<int:pk>", views.open_space, name="neighbourhood_open"),
    path("<int:pk>", views.space, name="neighbourhood_space"),
    path("<int:pk>/print", views.printed, name="neighbourhood_print"),
    path("post/<int:pk>/hand", views.hand, name="neighbourhood_hand"),
    path("post/<int:pk>/settle", views.settle, name="neighbourhood_settle"),
    path("post/<int:pk>/hide", views.hide_post, name="neighbourhood_hide"),
    path("belonging", views.belonging, name="belonging"),
    path("belonging/answer", views.answer, name="belonging_answer"),
    path("memories", views.memories, name="memories"),
    path("memories/where", views.where, name="memory_where"),
    path("memories/spot/<int:pk>", views.spot, name="memory_spot"),
    path("memories/new/<int:pk>", views.remember, name="memory_new"),
    path("memories/layer/<int:pk>", views.layer, name="memory_layer"),
    path("memories/read", views.read, name="memories_read"),
    path("memories/<int:pk>/decide", views.decide, name="memory_decide"),
    path("memories/<int:pk>/photo", views.photo, name="memory_photo"),
    path("memories/appraise", views.appraise, name="memories_appraise"),
]
