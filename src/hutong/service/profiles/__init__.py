"""Evening out the grass roots 缩小区域治理差距: how a subdistrict or community governs itself, from its own record.

In: the records of requests, councils, bodies, budgets, votes, surveys. Out: one page a place with intervals, places alike
and what went before their gains (:mod:`hutong.agree.grassroots`); never a rank.
"""
