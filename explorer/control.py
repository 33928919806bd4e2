"""Who steers a trainer: the run's control file, and the signals of a person or a cluster."""

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

from explorer.runs import Run

_PATIENCE = 0.1  # seconds between two looks at the control file while paused


def proceed(run: Run, step: int, steps: int, interrupted: Callable[[], bool]) -> bool:
    """Wait while the run is paused; then whether to take another step.

    `step` of `steps` are done. A wanted `step` becomes a pause after that step.
    """
    told = False
    while True:
        wanted = "stop" if interrupted() else run.control()
        if wanted == "stop":
            return False
        if wanted != "pause":
            break
        if not told:
            run.set_status("paused", step=step, steps=steps)
            told = True
        time.sleep(_PATIENCE)
    if wanted == "step":
        run.set_control("pause")
    run.set_status("running", step=step, steps=steps)
    return True


@contextlib.contextmanager
def interruptions() -> Iterator[Callable[[], bool]]:
    """A function that says whether SIGINT or SIGTERM came; a second one interrupts at once.

    Only the main thread gets signals: elsewhere the function is always False.
    """
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        if came:
            raise KeyboardInterrupt
        came.append(number)

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
