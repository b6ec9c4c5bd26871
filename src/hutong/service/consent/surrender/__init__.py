"""Voluntary lease surrender end to end: application, valuation, offers and mediation, signing, choice, handover."""
