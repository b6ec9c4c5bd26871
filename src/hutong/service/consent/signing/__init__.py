"""Conditional signing: opened and settled by two persons, signed and withdrawn by each alone until it takes effect."""
