"""The plan of a round: which faults are to happen when, drawn from the seed.

A fault is `{"at": seconds since the feed began, "do": what, "hold": seconds}`. `hold` is what comes after: until a
killed or stopped worker is started again, how long a pause or an outage lasts, how long an added worker stays.
Which worker it hits is drawn when it happens, of those that are running then.
"""

KILL = "kill"  # SIGKILL to a worker, which is started again
STOP = "stop"  # SIGTERM to a worker, which is started again
PAUSE = "pause"  # SIGSTOP to a worker for longer than its session timeout, then SIGCONT
OUTAGE = "outage"  # the broker is stopped (SIGTERM), then started again
CRASH = "crash"  # the broker is killed (SIGKILL), then started again
ADD = "add"  # one more worker, which later leaves (SIGTERM) for good


def least_seconds(kills, stops, pauses, pause_seconds, outages, outage_seconds, adds):
    """How long a round takes at least for its faults to have room."""
    return 8 * (kills + stops) + pauses * (pause_seconds / 3 + 3) + outages * (outage_seconds + 10) + 4 * adds + 4


def draw(rng, seconds, kills, stops, pauses, pause_seconds, outages, outage_seconds, adds):
    """The faults in the order of time. Outages fall apart from each other; a quarter of the others may fall into
    one, the rest meets workers that have a broker to work with."""
    faults, away = [], []
    for number in range(outages):
        # Each in its own stretch of the round, and over before that ends.
        stretch = seconds / outages
        room = max(0.0, stretch - outage_seconds - 10)
        at = number * stretch + 4 + rng.random() * room
        away.append((at, at + outage_seconds + 4))
        faults.append({"at": at, "do": OUTAGE if number % 2 == 0 else CRASH, "hold": outage_seconds})
    loose = [(KILL, rng.uniform(0.2, 3.0)) for _ in range(kills)]
    loose += [(STOP, rng.uniform(0.2, 2.0)) for _ in range(stops)]
    loose += [(PAUSE, pause_seconds) for _ in range(pauses)]
    loose += [(ADD, rng.uniform(0.2, 0.5) * seconds) for _ in range(adds)]
    rng.shuffle(loose)
    anywhere = len(loose) // 4
    served = [tick / 10 for tick in range(int(9 * seconds)) if not any(a <= tick / 10 <= b for a, b in away)]
    for number, (do, hold) in enumerate(loose):
        # Evenly over what there is, each a little off its place.
        share = (number + 0.8 * rng.random()) / len(loose)
        place = rng.random() * 0.9 * seconds if number < anywhere else served[int(share * len(served))]
        faults.append({"at": 2 + place, "do": do, "hold": hold})
    return sorted(faults, key=lambda fault: fault["at"])


def feed(rng, count, seconds, faults):
    """When how many pages are due: `[(at, pages)]`, whose sum is `count`.

    Seven tenths come in bursts just before a fault, so that it meets workers in the middle of a batch, the rest
    at a steady pace over the round.
    """
    burst = int(0.7 * count / len(faults)) if faults else 0
    due = [(max(0.0, fault["at"] - rng.uniform(0.1, 0.6)), burst) for fault in faults if burst]
    left = count - sum(pages for _, pages in due)
    ticks = max(1, min(int(seconds * 2), left))
    due += [(seconds * tick / ticks, left * (tick + 1) // ticks - left * tick // ticks) for tick in range(ticks)]
    return sorted(due)
