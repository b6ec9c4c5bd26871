"""The background worker: ``python -m hutong.service.worker``. Several may run beside each other."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time

from hutong.service.setup import ready

log = logging.getLogger("hutong.service.worker")
#: Chores that are due are looked for this often.
LOOK_S = 1.0


def main() -> None:
    """Work until stopped; beside it, do the stages' chores, such as picking up what dead workers left."""
    ready()
    from django.core.management import call_command

    from hutong.service.jobs.alive import Sign

    sign = Sign()
    threading.Thread(target=tend, args=(os.getppid(),), daemon=True).start()
    call_command("db_worker", verbosity=0, interval=0.5, reload=False, worker_id=sign.name)


def tend(parent: int) -> None:
    """Do the stages' chores for as long as the process lives; what fails is logged and tried again."""
    from django.db import close_old_connections

    from hutong.service.web.stage import stages

    due = {chore: 0.0 for stage in stages() for chore in stage.chores()}
    while True:
        # hutong serve says so: its worker ends with it
        if os.environ.get("HUTONG_WORKER_WITH_PARENT") == "1" and os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
            return
        for chore in [c for c, at in due.items() if at <= time.monotonic()]:
            close_old_connections()
            try:
                chore.run()
            except Exception:
                log.exception("%s failed and is tried again", chore.name)
            due[chore] = time.monotonic() + chore.every_s
        close_old_connections()
        time.sleep(LOOK_S)


if __name__ == "__main__":
    main()
