"""Kafka's side of a round: the broker of `script/kafka`, and Kafka's own command-line tools.

What is read here is read by Kafka's console consumer, so nothing of it was written for newsmill. Bytes come in
its notation of them (`BytesDeserializer`: printable ASCII as it is, all else and the backslash as \\xNN).
"""

import pathlib
import re
import subprocess
import threading
import time

_SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "script" / "kafka"
_TOOLS = "org.apache.kafka.tools."
_FIELD, _HEADER = "\x1f", "\x1e"  # between fields, between headers: no text holds them, bytes show them as \x1F
_BYTES = "org.apache.kafka.common.serialization.BytesDeserializer"
_ESCAPED = re.compile(rb"\\x([0-9A-F]{2})")


class Failed(Exception):
    """A tool of Kafka's did not do what it was asked."""


def tool(name, *arguments):
    """The command that runs one of Kafka's tools."""
    return [str(_SCRIPT), "tool", _TOOLS + name, *arguments]


class Broker:
    """A broker with its data in a folder of its own."""

    def __init__(self, folder, log):
        self._folder, self._log = folder, log
        self.address = None

    def _script(self, *arguments):
        return subprocess.Popen([str(_SCRIPT), *map(str, arguments)], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=self._log, text=True, start_new_session=True)

    def start(self, owner=None):
        """Starts it and waits until it serves; it ends with the process `owner` at the latest."""
        self.started(self.begin_start(owner))

    def begin_start(self, owner=None):
        """Starts it, without waiting; give what comes back to `started` once it has ended."""
        return self._script("start", self._folder, *([owner] if owner else []))

    def started(self, process):
        """Takes the address from a start that has ended, or ends now."""
        out, _ = process.communicate()
        if process.returncode != 0:
            raise Failed(f"the broker did not start: see {self._folder}")
        self.address = out.strip()

    def begin_stop(self, how="stop"):
        """Stops (`stop`) or kills (`kill`) it, without waiting."""
        return self._script(how, self._folder)

    def pid(self):
        """Its process id, or None when it is not running."""
        try:
            return int((self._folder / "pid").read_text())
        except (OSError, ValueError):
            return None

    def run(self, name, *arguments, wait=90):
        """Runs a tool against the broker and gives what it printed."""
        command = tool(name, "--bootstrap-server", self.address, *arguments)
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=wait,
                                  start_new_session=True, check=False)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"{name} did not end within {wait} s") from error
        if done.returncode != 0:
            raise Failed(f"{name} failed: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def create_topic(self, topic, partitions):
        self.run("TopicCommand", "--create", "--topic", topic, "--partitions", str(partitions),
                 "--replication-factor", "1")

    def open_transactions(self):
        """How many transactions are neither committed nor aborted: what they wrote is hidden until then."""
        printed = self.run("TransactionsCommand", "list")
        return sum("Ongoing" in line or "Prepare" in line for line in printed.splitlines())

    def end(self, topic):
        """End offsets of the topic, summed over its partitions."""
        printed = self.run("GetOffsetShell", "--topic", topic, "--time", "-1")
        return sum(int(line.rsplit(":", 1)[1]) for line in printed.split())

    def lag(self, group, topic):
        """Records of the topic, and how many of them the group has yet to commit."""
        printed = self.run("consumer.group.ConsumerGroupCommand", "--describe", "--group", group)
        return read_lag(printed, topic)


def read_lag(printed, topic):
    """Reads `--describe`: `GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG …`, `-` for none."""
    ends = lag = 0
    for line in printed.splitlines():
        fields = line.split()
        if len(fields) > 5 and fields[1] == topic and fields[4].isdigit():
            end = int(fields[4])
            ends += end
            lag += int(fields[5]) if fields[5].isdigit() else end
    return ends, lag


class Feed:
    """A console producer that is fed `key<TAB>value` lines, and delivers whatever happens to the broker."""

    def __init__(self, broker, topic, log):
        settings = {"linger.ms": 5, "request.timeout.ms": 10_000, "delivery.timeout.ms": 3_600_000,
                    "max.block.ms": 3_600_000, "reconnect.backoff.max.ms": 1_000}
        self._process = subprocess.Popen(
            tool("ConsoleProducer", "--bootstrap-server", broker.address, "--topic", topic,
                 "--message-send-max-retries", "2147483647", "--max-block-ms", "3600000",
                 "--request-timeout-ms", "10000", "--reader-property", "parse.key=true",
                 "--reader-property", "key.separator=\t", "--compression-codec", "lz4",
                 *(part for key, value in settings.items() for part in ("--command-property", f"{key}={value}"))),
            stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True)
        self._due = []
        self._more = threading.Condition()
        self._closed = False
        self.broken = None
        # Writing blocks while the broker is away, and the round goes on meanwhile.
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def send(self, pages):
        with self._more:
            self._due += [f"{page.id}\t{page.value}\n".encode() for page in pages]
            self._more.notify()

    def _write(self):
        try:
            while True:
                with self._more:
                    self._more.wait_for(lambda: self._due or self._closed)
                    due, self._due = self._due, []
                if not due:
                    break
                self._process.stdin.write(b"".join(due))
                self._process.stdin.flush()
            self._process.stdin.close()
        except OSError as error:
            self.broken = f"the console producer ended: {error}"

    def close(self, wait=60):
        with self._more:
            self._closed = True
            self._more.notify()
        self._thread.join(wait)
        try:
            return self._process.wait(wait)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise Failed("the console producer did not end") from None

    def kill(self):
        self._process.kill()
        self._process.wait()


class Dump:
    """A console consumer that writes a whole topic to a file."""

    def __init__(self, broker, topic, path, log, values=True, idle_ms=4_000, isolation="read_committed"):
        self.path, self._topic, self._began = path, topic, time.monotonic()
        formatter = {"print.timestamp": "true", "print.partition": "true", "print.offset": "true", "print.headers": "true", "print.key": "true",
                     "print.value": "true" if values else "false", "key.separator": _FIELD,
                     "headers.separator": _HEADER, "key.deserializer": _BYTES, "value.deserializer": _BYTES,
                     "headers.deserializer": _BYTES}
        with open(path, "wb") as out:
            self._process = subprocess.Popen(
                tool("consumer.ConsoleConsumer", "--bootstrap-server", broker.address, "--topic", topic,
                     "--from-beginning", "--isolation-level", isolation, "--timeout-ms", str(idle_ms),
                     *(part for key, value in formatter.items()
                       for part in ("--formatter-property", f"{key}={value}"))),
                stdin=subprocess.DEVNULL, stdout=out, stderr=log, start_new_session=True)

    def wait(self, seconds=1800):
        """Waits for the end of the topic. The tool ends with an error by design: nothing came for `idle_ms`."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed(f"reading {self._topic} did not end within {seconds} s") from None
        return self.path

    def kill(self):
        self._process.kill()
        self._process.wait()


class Record:
    """One record of a dump."""

    __slots__ = ("millis", "partition", "offset", "headers", "key", "value")

    def __init__(self, millis, partition, offset, headers, key, value):
        self.millis = millis
        self.partition, self.offset, self.headers, self.key, self.value = partition, offset, headers, key, value

    def header(self, name):
        """The last header of that name, as text; None where there is none."""
        return self.headers.get(name)


def unescape(data):
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), data) if b"\\" in data else data


def read_dump(path):
    """The records of a dump, one after another."""
    with open(path, "rb") as lines:
        for line in lines:
            yield read_record(line.rstrip(b"\n"))


def read_record(line):
    """Reads `CreateTime:T<US>Partition:P<US>Offset:O<US>headers<US>key[<US>value]`; raises ValueError for anything else."""
    fields = line.split(_FIELD.encode())
    named = [field.partition(b":") for field in fields[:3]]
    if len(fields) not in (5, 6) or [name for name, _, _ in named[1:]] != [b"Partition", b"Offset"]:
        raise ValueError(f"not a line of the console consumer: {line[:200]!r}")
    headers = {}
    if fields[3] != b"NO_HEADERS":
        for header in fields[3].split(_HEADER.encode()):
            name, _, value = header.partition(b":")
            headers[name.decode()] = unescape(value).decode(errors="replace")
    value = unescape(fields[5]) if len(fields) == 6 else b""
    millis, partition, offset = (int(number) for _, _, number in named)
    return Record(millis, partition, offset, headers, unescape(fields[4]).decode(errors="replace"), value)


def write_record(partition, offset, headers, key, value, millis=0):
    """A line as the console consumer writes it: for tests of whatever reads dumps."""
    escape = lambda data: "".join(chr(b) if 32 <= b < 127 and b != 92 else f"\\x{b:02X}" for b in data)
    shown = _HEADER.join(f"{name}:{escape(text.encode())}" for name, text in headers.items()) or "NO_HEADERS"
    fields = [f"CreateTime:{millis}", f"Partition:{partition}", f"Offset:{offset}", shown, escape(key.encode())]
    return _FIELD.join([*fields, escape(value)]) + "\n"
