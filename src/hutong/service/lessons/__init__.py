"""What is kept for the next round: lessons that a person accepted or refused, and forecasts as they were made.

In: what an evaluation offers (:mod:`hutong.service.evaluation`), what schemes and simulations predict. Out: the measures
with which the next plan of a quarter is made (:func:`selectors.measures_for`), and the public record of forecasts. Pages
are the evaluation's; this app lies below whatever plans, so that what was learned is really used.
"""
