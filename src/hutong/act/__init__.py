"""Implementation 实施: decisions in, deeds out, each recorded.

So far the public ledger (:mod:`hutong.act.ledger`) and cases with their clocks and whistles (:mod:`hutong.act.cases`).
"""
