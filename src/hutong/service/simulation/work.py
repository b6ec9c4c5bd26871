"""Background work of simulations."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from hutong.service.jobs.registry import work
from hutong.service.jobs.services import done
from hutong.service.simulation import services
from hutong.service.simulation.selectors import simulation as simulation_by_id
from hutong.text import Text


@work("simulation.run", Text("推演", "Simulation"))
def run(job: Any, step: services.Step, simulation: int) -> str:
    """Run a simulation; one that was stopped ends its job and can be taken up by another."""
    found = simulation_by_id(simulation)
    page = reverse("simulation", args=[found.pk])
    if not found.digest:
        services.run(found, step, lambda _kept: done(job, page))
    return page
