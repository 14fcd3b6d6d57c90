"""What turns.lua does, by iceoryx2's events."""

import os
import time

import iceoryx2 as iox2

TURNS = 2000
NAME = "moonpool-bench-%d" % os.getpid()
iox2.set_log_level(iox2.LogLevel.Fatal)


def event(node, name):
    service = node.service_builder(iox2.ServiceName.new(NAME + name))
    return service.event().open_or_create()


def partner():
    node = iox2.NodeBuilder.new().create(iox2.ServiceType.Ipc)
    ping = event(node, "-ping").listener_builder().create()
    pong = event(node, "-pong").notifier_builder().create()
    for _ in range(TURNS + 1):
        ping.blocking_wait()
        pong.notify()


child = os.fork()
if child == 0:
    partner()
    os._exit(0)
node = iox2.NodeBuilder.new().create(iox2.ServiceType.Ipc)
ping = event(node, "-ping").notifier_builder().create()
pong = event(node, "-pong").listener_builder().create()
# What is sent before the other one listens reaches nobody.
while ping.notify() == 0:
    time.sleep(0.001)
pong.blocking_wait()
before = time.perf_counter_ns()
for _ in range(TURNS):
    ping.notify()
    pong.blocking_wait()
print("turns", (time.perf_counter_ns() - before) / TURNS, sep="\t")
os.waitpid(child, 0)
