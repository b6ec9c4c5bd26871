"""Requests 接诉即办: an office's list of requests in; classes, hot topics, repeat places, rates and a forecast out.

Personal numbers and names are masked on reading; near-duplicates are proposed and never merged; only requests are
scored, not inquiries.
"""

from hutong.sense.requests.analyse import Analysis, analyse, summary
from hutong.sense.requests.classify import Model, by_keywords, classify, load_model, save_model, train
from hutong.sense.requests.duplicates import near_duplicates
from hutong.sense.requests.evaluate import Evaluation, evaluate, model_card
from hutong.sense.requests.forecast import Forecast, forecast
from hutong.sense.requests.places import repeat_places
from hutong.sense.requests.rates import in_time, rates, scored, shares, wilson
from hutong.sense.requests.read import FIELDS, Requests, from_city, read_requests
from hutong.sense.requests.surges import surges
from hutong.sense.requests.taxonomy import RequestClass, Taxonomy, load_taxonomy
from hutong.sense.requests.topics import hot_topics
from hutong.sense.requests.weeks import weekly

__all__ = [
    "FIELDS",
    "Analysis",
    "Evaluation",
    "Forecast",
    "Model",
    "RequestClass",
    "Requests",
    "Taxonomy",
    "analyse",
    "by_keywords",
    "classify",
    "evaluate",
    "forecast",
    "from_city",
    "hot_topics",
    "in_time",
    "load_model",
    "load_taxonomy",
    "model_card",
    "near_duplicates",
    "rates",
    "read_requests",
    "repeat_places",
    "save_model",
    "scored",
    "shares",
    "summary",
    "surges",
    "train",
    "weekly",
    "wilson",
]
