"""My home 我的家: what a scheme and an offer mean for one home, told to its household; questions with a named office and a clock.

In: the roll of homes with its verified residents, the newest published snapshot, the published version of a scheme, surrender
projects with their offers. Out: one page a home, for its household and the counter alone, each line with what it rests on.
"""
