"""Drafts in numbered paragraphs: each commented on and answered where it stands."""
