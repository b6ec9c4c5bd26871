"""The official system of a vote: its ballots one by one, or its totals with the document they are in."""
