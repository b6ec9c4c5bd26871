"""Signed papers of a vote: read by two officers, each alone, and taken where both readings agree."""
