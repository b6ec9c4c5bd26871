"""Accounts: who somebody is, which roles they hold, and where."""
