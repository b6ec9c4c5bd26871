"""The page a renewal office reads: the results of the loop in, one self-contained HTML file out.

``render(city, rules, check, plan, ensemble)`` gives the page as text, in Chinese and English, without a request to
any other host. ``sections/`` prepares what each section shows as plain dictionaries, ``map.py`` and ``charts.py``
draw, ``templates/`` lays out, ``words.yaml`` names.
"""

from hutong.report.counts import ConsentCount, counts_from_file
from hutong.report.experiments import experiment_page
from hutong.report.opinions import ReportOpinions, opinions_from_files
from hutong.report.page import render

__all__ = [
    "ConsentCount",
    "ReportOpinions",
    "counts_from_file",
    "experiment_page",
    "opinions_from_files",
    "render",
]
