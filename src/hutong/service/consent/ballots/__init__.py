"""Votes: notice, opening, ballots by every channel, close by the database's clock."""
