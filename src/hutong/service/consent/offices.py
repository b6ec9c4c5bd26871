"""Which offices run a vote, and which watch it."""

from __future__ import annotations

#: Who prepares rolls and runs votes; each deed needs two of them.
RUN = ("subdistrict", "committee", "owners_body")
#: Who makes offers, and answers what households ask.
OFFER = ("subdistrict", "operator", "owner_unit")
#: Who sees how a vote is run, and never how anybody voted.
WATCH = (*RUN, "district", "auditor")
