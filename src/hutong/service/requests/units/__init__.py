"""The units that take cases: set up, renamed and retired by the administrator; who works there; what each is sent.

In: what the administrator says on a page, or tables of units and of dispatch. Out: units, members, rows of the office's own
dispatch catalogue, each recorded in the ledger.
"""
