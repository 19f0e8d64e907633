"""What all of `script/deploy` shares: where things are, how commands are run, and what was found."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "newsmill"
RULES = DEPLOY / "prometheus" / "newsmill.rules.yml"

# What `script/deploy fetch` installs, with the versions that the checks were made with.
HELM = "v3.19.5"
COMPOSE_GO = "v2.9.0"
KUBERNETES_VALIDATE = "1.34.1"
HADOLINT = "2.15.1"


def cache():
    """Folder of the fetched tools."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("NEWSMILL_DEPLOY_CACHE") or Path(base) / "newsmill" / "deploy")


def tool(name):
    """Path of a program: fetched, else installed; `None` where it is neither."""
    for place in (cache() / "bin" / name, cache() / "venv" / "bin" / name):
        if place.exists():
            return str(place)
    return shutil.which(name)


def run(*command, folder=ROOT, text=None):
    """Exit code, and everything that a command printed."""
    done = subprocess.run([str(part) for part in command], cwd=folder, input=text, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.strip()


class Report:
    """What the checks found."""

    def __init__(self):
        self.problems, self.skipped = [], []

    def step(self, name, problems):
        """Says how a check ended. `problems`: lines, each saying what is wrong and where."""
        problems = list(problems)
        print(f"{'PROBLEM' if problems else 'ok     '} {name}")
        for line in problems:
            print("        " + line.replace("\n", "\n        "))
        self.problems += problems

    def skip(self, name, why):
        """Says that a check was not made."""
        print(f"skipped {name}: {why}")
        self.skipped.append(name)


def differences(wanted, folder, ending):
    """Files of a folder that are not as `wanted` (path from it: text) says, with what to do."""
    there = {str(path.relative_to(folder)) for path in folder.rglob("*" + ending)}
    for name in sorted(there - wanted.keys()):
        yield f"{(folder / name).relative_to(ROOT)} is left over: script/deploy render"
    for name, text in sorted(wanted.items()):
        path = folder / name
        if not path.exists() or path.read_text() != text:
            yield f"{path.relative_to(ROOT)} is not up to date: script/deploy render"


def write(wanted, folder, ending):
    """Makes a folder's files as `wanted` says."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.rglob("*" + ending):
        if str(path.relative_to(folder)) not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
