"""Composing a draft: one change at a time, each kept at once, none lost, none overwriting another's."""
