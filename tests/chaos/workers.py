"""The workers of a round: `newsmill run` processes that are started, stopped, killed and paused."""

import ctypes
import fcntl
import json
import signal
import socket
import subprocess
import time

_PR_SET_PDEATHSIG = 1


def _die_with_parent():
    # Nothing that a round starts outlives it, even when the round itself is killed.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def held(lock):
    """Whether a running worker holds this lock."""
    with open(lock, "ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


class Worker:
    """One worker by its name, which stays the same over restarts."""

    def __init__(self, binary, name, folder, settings):
        self.name = name
        self._binary = binary
        self.log = folder / f"{name}.log"
        self.port = free_port()
        self._config = folder / f"{name}.toml"
        self._settings = settings
        self._state = folder / "state"  # shared by all workers, as on one machine
        self.process = None
        self.since = 0.0
        self.paused = False
        self.stopping = None  # when SIGTERM was sent
        self.ended = None  # when it was first found to have ended
        self.after_stop = None  # how to log that stop, and when to start again (None: never)
        self.starts = 0

    def spoil_snapshot(self, rng):
        """Damages a snapshot that no running worker holds: a byte changed, the end cut off, or a file removed. Gives
        what was done to which file, or nothing where there is none."""
        files = [path for path in sorted(self._state.glob("**/index-*/*.part")) if not held(path.parent / "lock")]
        if not files:
            return None
        path, what = rng.choice(files), rng.choice(["changed", "cut", "removed"])
        if what == "removed":
            path.unlink()
        else:
            data = bytearray(path.read_bytes())
            place = rng.randrange(max(1, len(data)))
            if what == "cut":
                del data[place:]
            elif data:
                data[place] ^= rng.randrange(1, 256)
            path.write_bytes(data)
        return f"{path.parent.name}/{path.name} {what}"

    def start(self):
        sections = {section: dict(keys) for section, keys in self._settings.items() if section != "route"}
        sections["kafka"]["worker_id"] = self.name
        sections["service"] = {**sections.get("service", {}), "listen": f"127.0.0.1:{self.port}", "state_dir": str(self._state)}
        # A TOML value of these kinds is written as in JSON.
        tables = [(f"[{section}]", keys) for section, keys in sections.items()]
        tables += [("[[route]]", rule) for rule in self._settings.get("route", ())]
        text = "".join(f"{head}\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
                       for head, keys in tables)
        self._config.write_text(text)
        self.starts += 1
        with open(self.log, "ab") as log:
            log.write(f"== {self.name}: start {self.starts} at {time.time():.3f}\n".encode())
            log.flush()
            self.process = subprocess.Popen([self._binary, "run", "--config", str(self._config)],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True, preexec_fn=_die_with_parent)
        self.since = time.monotonic()
        self.paused, self.stopping, self.ended = False, None, None
        return self.process.pid

    def running(self):
        running = self.process is not None and self.process.poll() is None
        if not running and self.ended is None:
            self.ended = time.monotonic()
        return running

    def free(self):
        """Running, and not in the middle of another fault."""
        return self.running() and not self.paused and self.stopping is None

    def send(self, what):
        self.process.send_signal(what)

    def pause(self):
        self.send(signal.SIGSTOP)
        self.paused = True

    def resume(self):
        self.send(signal.SIGCONT)
        self.paused = False

    def stop(self):
        self.send(signal.SIGTERM)
        self.stopping = time.monotonic()

    def kill(self):
        if self.running():
            self.send(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()
