"""Hutong: the open platform on which a city quarter renews itself.

The packages are the stages of one loop, and an import never points up this list::

    city -> rules -> sense -> agree -> plan -> evolve -> report -> cli
"""

__version__ = "0.1.0"
