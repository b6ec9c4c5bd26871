"""Orders of the city's hotline 12345: taken in with their numbers, handled here, and answered with those numbers.

In: the list that the hotline gives out (CSV or .xlsx). Out: requests of the channel ``hotline``, dispatched to their units;
a list of replies. Taking the same list again updates what changed. Only these orders count for the official rates.
"""
