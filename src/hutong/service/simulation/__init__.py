"""Simulation on the platform: questions to the co-evolution model, put to the live quarter from a page.

In: a snapshot, a scheme, an experiment of :mod:`hutong.evolve.experiments` with its levers, runs, years and seed. Out: a plain
answer with intervals, bands over time, a map of every building, the recipe, and everything as Parquet. It runs in the background,
can be stopped and taken up where it stood. Every parameter of behaviour that nobody documented is marked an assumption.
"""
