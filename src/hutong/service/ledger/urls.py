"""Addresses of the pages of the ledger."""

from __future__ import annotations

from django.urls import path

from hutong.service.ledger import views

urlpatterns = [
    path("", views.ledger, name="ledger"),
    path("<int:index>", views.entry, name="ledger_entry"),
    path("<int:index>/receipt", views.receipt, name="ledger_receipt"),
    path("<int:index>/receipt.json", views.receipt_file, name="ledger_receipt_file"),
    path("<int:index>/proof", views.proof, name="ledger_proof"),
    path("consistency/<int:old>", views.consistency, name="ledger_consistency"),
    path("checkpoint", views.checkpoint, name="ledger_checkpoint"),
    path("key", views.key, name="ledger_key"),
    path("checker.py", views.checker, name="ledger_checker"),
    path("hutong-ledger.zip", views.download, name="ledger_download"),
]
