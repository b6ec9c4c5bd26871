"""Surveys in the field: forms on a phone that work without a network, answers with who and when, a new draft snapshot.

In: a snapshot, the items of ``hutong.sense``'s ``survey.yaml``. Out: a new draft snapshot that holds the answers as observed.
"""
