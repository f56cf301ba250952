"""How often a watch is wrong, and how often it sees: `./dev bench watch_statistics [WATCHES]`.

Ten executions an hour, a watch of a day with 96 looks. Seeds are fixed: each run says the same.
"""

from __future__ import annotations

import sys

from watches import World, alarm, clumps, naive, simulated, steady, unplanned

WORLDS: dict[str, World] = {
    "each on its own": steady,
    "outages of 20 minutes": clumps(20),
    "outages of an hour": clumps(60),
    "outages of 4 hours": clumps(240),
}


def line(name: str, world: World, rate: float, days: int, times: float, watches: int) -> None:
    """One kind of watch: how many alarm, and when."""
    alarms, wrong, any_time = [], 0, 0
    for one in simulated(world, rate, times=times, watches=watches, days=days):
        look = alarm(one)
        alarms += [look] if look else []
        wrong += naive(one)
        any_time += unplanned(one)
    hours = f"{sorted(alarms)[len(alarms) // 2] / 4:5.1f} h" if alarms else "      -"
    print(
        f"{name:22} {rate:5.0%} x{times:<3g} {days:3} d   {len(alarms) / watches:6.1%} {hours}"
        f"   {any_time / watches:6.1%}   {wrong / watches:6.1%}",
        flush=True,
    )


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    print(f"{number} watches a line")
    print(f"{'errors':22} {'rate':>5}      before   alarms  median   anytime  naive")
    for times in (1.0, 4.0):
        for name, world in WORLDS.items():
            for rate in (0.02, 0.05, 0.1):
                for days in (1, 3):
                    line(name, world, rate, days, times, number)
