"""What copies.lua does, by Python's mmap and struct: nanoseconds a call, of many."""

import mmap
import struct
import time


def report(name, count, body):
    before = time.perf_counter_ns()
    for _ in range(count):
        body()
    print(name, (time.perf_counter_ns() - before) / count, sep="\t")


memory = mmap.mmap(-1, 1 << 20)
view = memoryview(memory)
for size in 64, 4096, 1 << 20:
    data, count = b"x" * size, 400 if size > 4096 else 200000

    def write():
        view[:size] = data

    def read():
        return bytes(view[:size])

    report(f"write-{size}", count, write)
    report(f"read-{size}", count, read)

doubles = view.cast("d")
numbers = doubles[:1000].tolist()
packed = struct.Struct("1000d")
report("numbers-read", 1000, lambda: doubles[:1000].tolist())
report("numbers-write", 1000, lambda: packed.pack_into(memory, 0, *numbers))


def read_one():
    return doubles[1]


def write_one():
    doubles[1] = 0.5


report("number-read", 300000, read_one)
report("number-write", 300000, write_one)
