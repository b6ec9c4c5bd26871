"""Digital neighbourhood 数字邻里: a space per courtyard or staircase, a yearly survey of belonging, and places people care about.

In: what neighbours write to each other, how they belong, what they remember. Out: a printed twin for the notice board,
figures by age and tenure with small groups put together, and attachment for the appraisal of heritage.
"""
