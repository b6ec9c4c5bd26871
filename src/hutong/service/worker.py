"""The background worker: ``python -m hutong.service.worker``. Several may run beside each other."""

from __future__ import annotations

import os
import signal
import threading
import time

from hutong.service.setup import ready

#: The process that started this one is looked for this often.
LOOK_S = 1.0


def main() -> None:
    """Work until stopped; beside it, do the stages' chores, such as picking up what dead workers left."""
    ready()
    from django.core.management import call_command

    from hutong.service.jobs.alive import Sign
    from hutong.service.jobs.chores.services import forever
    from hutong.service.web.stage import stages

    sign = Sign()
    if os.environ.get("HUTONG_WORKER_WITH_PARENT") == "1":  # hutong serve says so: its worker ends with it
        threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    for chore in (chore for stage in stages() for chore in stage.chores()):
        threading.Thread(target=forever, args=(chore,), daemon=True, name=chore.name).start()
    call_command("db_worker", verbosity=0, interval=0.5, reload=False, worker_id=sign.name)


def end_with(parent: int) -> None:
    """Stop as on Ctrl-C once the process that started this one is gone."""
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
