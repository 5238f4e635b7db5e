# A sampling timer, as profilers and watchdogs have it, in a program that allocates and forks.
import os
import signal
import time

ticks = 0


def on_tick(number, frame):
    global ticks
    ticks += 1


signal.signal(signal.SIGALRM, on_tick)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
end = time.monotonic() + float(os.environ.get("SECONDS_TO_RUN", "1.5"))
errors = []
rounds = 0
while time.monotonic() < end and len(errors) < 5:
    try:
        blocks = [bytearray(300_000) for _ in range(20)]
        for number, block in enumerate(blocks):
            block[number::4096] = bytes([number]) * len(range(number, 300_000, 4096))
        if any(block[number] != number for number, block in enumerate(blocks)):
            errors.append("content")
        words = {str(number): [number] * 5 for number in range(2000)}
        del blocks, words
        if rounds % 20 == 0:
            child = os.fork()
            if child == 0:
                os._exit(3)
            if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 3:
                errors.append("status")
        rounds += 1
    except (MemoryError, OSError) as error:
        errors.append(repr(error))
signal.setitimer(signal.ITIMER_REAL, 0, 0)
print("errors", errors, "ticked", ticks > 50)
