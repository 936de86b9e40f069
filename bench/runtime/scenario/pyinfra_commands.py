# Runs short commands on a connection that is there and warm, and writes down the seconds that they took.
from os import environ
from time import perf_counter

from pyinfra import host
from pyinfra.operations import python


def measure():
    host.run_shell_command("true")
    begin = perf_counter()
    for _ in range(int(environ["BENCH_COMMANDS"])):
        done, _output = host.run_shell_command("true")
        assert done
    with open(environ["BENCH_SECONDS"], "w") as file:
        file.write(str(perf_counter() - begin))


python.call(function=measure)
