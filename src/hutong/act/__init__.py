"""Implementation 实施: decisions in, deeds out, each recorded.

Whatever lives by a table of states does so by one machine (:mod:`hutong.act.machine`): cases (:mod:`hutong.act.cases`), projects
with their permits, defects and changes (:mod:`hutong.act.projects`), contracts and assets (:mod:`hutong.act.contracts`). Beside
them the floor-area account (:mod:`hutong.act.floor`), rooms to let (:mod:`hutong.act.rooms`) and the public ledger
(:mod:`hutong.act.ledger`).
"""
