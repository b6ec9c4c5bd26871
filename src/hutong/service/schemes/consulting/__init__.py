"""A consultation on a version: the council's process that hears it, what residents say of it, and how that was answered."""
