"""The background worker: ``python -m hutong.service.worker``. Several may run beside each other."""

from __future__ import annotations

from hutong.service.setup import ready


def main() -> None:
    """Pick up what a dead worker left, then work until stopped."""
    ready()
    from django.core.management import call_command

    from hutong.service.jobs.services import recover

    recover()
    call_command("db_worker", verbosity=0, interval=0.5, reload=False)


if __name__ == "__main__":
    main()
