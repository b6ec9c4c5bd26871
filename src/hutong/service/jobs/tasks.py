"""The one task of the queue: run a job. What it does is looked up by the job's kind."""

from __future__ import annotations

from django_tasks import task

from hutong.service.jobs import services


@task
def run_job(pk: int) -> str:
    """Run a job in the worker."""
    return services.run(pk, beating=True)
