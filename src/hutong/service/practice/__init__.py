"""Practice 练习: a site of its own with a made-up quarter, where officers, planners and council members try what they will do.

In: exercises as data (``exercises.yaml``) and a trainee who begins one. Out: what they did, read from the record of the
practice site itself (``checks.py``). It has its own database, key and ledger, so nothing of it can enter a real site
(docs/decisions/731-practice-site.md).
"""
