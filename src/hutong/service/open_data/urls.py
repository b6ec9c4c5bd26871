"""Addresses of the pages of open data."""

from __future__ import annotations

from django.urls import path

from hutong.service.open_data import views

urlpatterns = [
    path("", views.open_data, name="open_data"),
    path("<int:pk>/make", views.make, name="open_data_make"),
    path("<int:pk>/licence", views.licence, name="open_data_licence"),
    path("edition/<int:pk>", views.edition, name="open_data_edition"),
    path("edition/<int:pk>/recipe.json", views.recipe, name="open_data_recipe"),
    path("edition/<int:pk>/all.zip", views.whole, name="open_data_zip"),
    path("file/<int:pk>", views.file, name="open_data_file"),
    path("file/<int:pk>/withdraw", views.withdraw, name="open_data_withdraw"),
    path("dictionary.json", views.words, name="open_data_words"),
    path("<slug:name>", views.dataset, name="open_data_set"),
]
