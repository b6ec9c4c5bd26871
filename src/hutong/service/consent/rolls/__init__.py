"""Rolls: imported, shown for objections, corrected with a reason, frozen; and who sits on them."""
