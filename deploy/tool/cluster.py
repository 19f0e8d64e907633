"""The Helm chart, the plain manifests made from it, and what is checked about both."""

import re
import tempfile
import tomllib
from pathlib import Path

import watch
from common import CHART, DEPLOY, ROOT, RULES, differences, run, tool

MANIFESTS = DEPLOY / "kubernetes"
PLAIN = CHART / "ci" / "plain-values.yaml"
# Version that manifests are rendered for, and checked against.
KUBERNETES = "1.34"
# Kinds of the Prometheus operator and of KEDA, whose schemas are theirs.
FOREIGN = ("PodMonitor", "PrometheusRule", "ScaledObject")

# Settings that cannot work, and what the chart has to say about each.
REFUSED = [
    ([], "kafka.brokers has to be given"),
    (["kafka.brokers=k:9092", "replicas=20"], "there are only 12 partitions"),
    (["kafka.brokers=k:9092", "keda.enabled=true", "keda.maxReplicas=13"], "there are only 12 partitions"),
    (["kafka.brokers=k:9092", "keda.enabled=true", "keda.minReplicas=7"], "keda.minReplicas is above"),
    (["kafka.brokers=k:9092", "terminationGracePeriodSeconds=5"], "terminationGracePeriodSeconds"),
    (["kafka.brokers=k"], "kafka/brokers"),
    (["kafka.brokers=k:9092", "changeSettings=true"], "changeSettings is for one worker alone"),
    (["kafka.brokers=k:9092", "nonsense=1"], "nonsense"),
    (["kafka.brokers=k:9092", "config.kafka.worker_id=x"], "config.kafka.worker_id is the chart's"),
    (["kafka.brokers=k:9092", r"kafka.properties.sasl\.password=x"], "sasl.password"),
    (["kafka.brokers=k:9092", "image.digest=x"], "image/digest"),
]


def copies():
    """What the chart has to hold of other folders, as Helm reads no file outside of it."""
    return {RULES.name: RULES.read_text(), **watch.rendered()}


def template(values, *, sets=()):
    """Exit code and what Helm makes of the chart (or says)."""
    flags = [flag for one in sets for flag in ("--set", one)]
    files = [flag for one in values for flag in ("--values", one)]
    return run(tool("helm"), "template", "newsmill", CHART, "--namespace", "newsmill", "--kube-version", KUBERNETES, *files, *flags)


def documents(text):
    """The objects of a rendered chart: path of the template, kind, text."""
    for part in re.split(r"^---\n", text, flags=re.MULTILINE):
        source = re.match(r"# Source: newsmill/templates/(\S+)\n", part)
        kind = re.search(r"^kind: (\w+)$", part, re.MULTILINE)
        if source and kind:
            yield source[1], kind[1], part[source.end():]


def manifests():
    """The plain manifests, without what says that Helm manages them: name of the file and its text."""
    code, said = template([PLAIN])
    if code:
        raise RuntimeError(f"helm template with plain-values.yaml:\n{said}")
    out = {}
    for source, kind, text in documents(said):
        name = ("monitoring/" if kind in FOREIGN else "") + source
        text = re.sub(r"^ *(helm\.sh/chart|app\.kubernetes\.io/managed-by): .*\n", "", text, flags=re.MULTILINE)
        out[name] = "# Made from deploy/helm/newsmill by script/deploy render.\n" + text.rstrip() + "\n"
    return out


def check_copies():
    """One source, two places."""
    yield from differences({name: text for name, text in copies().items() if name.endswith(".json")}, CHART / "files", ".json")
    yield from differences({RULES.name: RULES.read_text()}, CHART / "files", ".yml")


def settings(table, path=""):
    """Paths of the keys of a TOML table."""
    for key, value in table.items():
        yield path + key
        if isinstance(value, dict):
            yield from settings(value, f"{path}{key}.")


def check_chart():
    """Every values file of ci/: lint, render, and what newsmill would read."""
    known = set(settings(tomllib.loads((ROOT / "config" / "newsmill.toml").read_text())))
    for values in sorted((CHART / "ci").glob("*.yaml")):
        code, said = run(tool("helm"), "lint", "--strict", CHART, "--values", values)
        if code:
            yield f"helm lint with {values.name}:\n{said}"
        code, said = template([values])
        if code:
            yield f"helm template with {values.name}:\n{said}"
            continue
        kinds = [kind for _, kind, _ in documents(said)]
        yield from (f"{values.name}: no {kind} is rendered" for kind in ("StatefulSet", "ConfigMap", "Service") if kind not in kinds)
        block = re.search(r"^  newsmill\.toml: \|\n((?:    .*\n|\n)+)", said, re.MULTILINE)
        try:
            config = tomllib.loads(re.sub(r"^    ", "", block[1], flags=re.MULTILINE))
        except tomllib.TOMLDecodeError as error:
            yield f"{values.name}: newsmill.toml is no TOML: {error}"
            continue
        for key in settings(config):
            open_table = key.startswith(("kafka.properties.", "kafka.properties_files."))
            if key not in known and not open_table:
                yield f"{values.name}: newsmill.toml has {key}, which config/newsmill.toml does not know"
    for sets, wanted in REFUSED:
        code, said = template([], sets=sets)
        if code == 0:
            yield f"the chart takes {', '.join(sets) or 'no value at all'}, which cannot work"
        elif wanted not in said:
            yield f"the chart refuses {', '.join(sets) or 'no value at all'} without a word of `{wanted}`:\n{said}"


def check_schemas():
    """Rendered objects against the schemas of Kubernetes; those of the operator's and KEDA's kinds are not to be had."""
    with tempfile.TemporaryDirectory() as folder:
        for values in sorted((CHART / "ci").glob("*.yaml")):
            code, said = template([values])
            if code:
                yield f"helm template with {values.name}:\n{said}"
                continue
            path = Path(folder) / f"{values.stem}.yaml"
            path.write_text(said)
            code, said = run(tool("kubernetes-validate"), "--kubernetes-version", KUBERNETES, "--strict", path)
            unknown = [line for line in said.splitlines() if "Couldn't find schema" in line and not any(kind in line for kind in FOREIGN)]
            if code or unknown or "passed for resource statefulset" not in said:
                yield f"{values.name} against the schemas of Kubernetes {KUBERNETES}:\n{said}"


def check_manifests():
    """The plain manifests are those of the chart."""
    try:
        yield from differences(manifests(), MANIFESTS, ".yaml")
    except RuntimeError as error:
        yield str(error)
