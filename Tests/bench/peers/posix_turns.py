"""What turns.lua does, by posix_ipc's semaphores."""

import os
import sys
import time

import posix_ipc

TURNS = 2000
NAME = "/moonpool-bench-%d" % os.getpid()
ping = posix_ipc.Semaphore(NAME + "-ping", posix_ipc.O_CREX)
pong = posix_ipc.Semaphore(NAME + "-pong", posix_ipc.O_CREX)
ping.unlink()
pong.unlink()
if os.fork() == 0:
    for _ in range(TURNS + 1):
        ping.acquire()
        pong.release()
    os._exit(0)
ping.release()
pong.acquire()
before = time.perf_counter_ns()
for _ in range(TURNS):
    ping.release()
    pong.acquire()
print("turns", (time.perf_counter_ns() - before) / TURNS, sep="\t")
os.wait()
sys.stdout.flush()
