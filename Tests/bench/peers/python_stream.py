"""What stream.lua does, by multiprocessing.Queue: one by one."""

import multiprocessing
import time

COUNT = 50000
TEXT = b"x" * 64


def push(queue):
    for _ in range(COUNT):
        queue.put(TEXT)


if __name__ == "__main__":
    queue = multiprocessing.Queue()
    partner = multiprocessing.Process(target=push, args=(queue,))
    partner.start()
    queue.get()
    before = time.perf_counter_ns()
    for _ in range(COUNT - 1):
        queue.get()
    print("stream", (time.perf_counter_ns() - before) / (COUNT - 1), sep="\t")
    partner.join()
