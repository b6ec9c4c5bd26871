"""The council, live: a process in phases, statements and votes as cards, the map of opinions, and answers that are owed.

In: what residents write and how they vote, on a phone or on paper. Out: groups and what they share, published at fixed
times; a written answer by a named unit to every consensus statement and proposal, with its clock. The arithmetic is
:mod:`hutong.agree`'s; answers enter the ledger.
"""
