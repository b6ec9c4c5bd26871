"""Rooms to let 可租用房屋: what an office publishes of rooms that an operator may take on, and the interest that operators express.

In: forms of rooms and of fees. Out: published lists for those who may operate, counts for everyone else, interest with a clock.
"""
