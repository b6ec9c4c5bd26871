"""The fewest that a published count may be about, for every page, file and dataset: below it the count would tell of somebody.

Both are working conventions (confidence U). A count of zero may be told where it points at nobody.
"""

#: People and households who voted, answered, rated, applied or were offered something, and homes on a roll.
FEWEST_PEOPLE = 5
#: Requests at a place and homes of a kind, behind which people stand who are not counted themselves.
FEWEST_THINGS = 3
