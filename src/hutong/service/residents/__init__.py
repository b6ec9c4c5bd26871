"""Residents: whose home is which, shown by a letter, at the counter or by neighbours, and kept with the least data.

In: the homes of a snapshot, holders' names as keyed hashes. Out: verified residents, on whom consent, councils and
ballots rest. Whoever was not verified is a resident nowhere.
"""
