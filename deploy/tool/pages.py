"""Pages of documentation under deploy and docs/runbooks: what they name has to be there."""

import re
import tomllib

import cluster
from common import DEPLOY, ROOT


def anchors(text):
    """The anchors of a page's headings, as they are made of their text."""
    for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE):
        yield re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def logged():
    """Everything that stands in quotes in the program's source, with the escapes of its lines resolved."""
    out = []
    for path in sorted((ROOT / "src").rglob("*.rs")):
        text = re.sub(r"\\\n\s*", "", path.read_text())
        out += re.findall(r'"((?:[^"\\]|\\.)*)"', text)
    return "\n".join(out)


def check_pages():
    """Links, keys of the configuration, variables, files, and what pages quote of the log."""
    keys = set(cluster.settings(tomllib.loads((ROOT / "config" / "newsmill.toml").read_text())))
    sections = {key.split(".")[0] for key in keys}
    variables = {"NEWSMILL_" + key.upper().replace(".", "_") for key in keys} | {"NEWSMILL_CONFIG"}
    said = logged()
    for path in sorted([*(ROOT / "docs" / "runbooks").glob("*.md"), *DEPLOY.rglob("*.md")]):
        name, text = path.relative_to(ROOT), path.read_text()
        for target in re.findall(r"\]\(([^)]+)\)", " ".join(text.split())):
            file, _, anchor = target.partition("#")
            if file.startswith("https://"):
                continue
            there = (path.parent / file) if file else path
            if not there.exists():
                yield f"{name} links to {target}, which is not there"
            elif anchor and anchor not in anchors(there.read_text()):
                yield f"{name} links to {target}: there is no such heading"
        prose = re.sub(r"^(    .*|```[\s\S]*?```)$", "", text, flags=re.MULTILINE)
        for quoted in re.findall(r"`([^`]+)`", prose):
            quoted = " ".join(quoted.split())
            section = quoted.split(" ")[0].rstrip("*").rstrip(".").split(".")[0]
            key = re.match(r"[a-z_]+(\.[a-z_]+)+(?=$|\s=)", quoted)
            if key and section in sections and key[0] not in keys:
                yield f"{name} names the setting {key[0]}, which config/newsmill.toml does not have"
            if re.match(r"(src|tests|script|models|config|deploy|docs)/[\w./-]+$", quoted) and not (ROOT / quoted).exists():
                yield f"{name} names {quoted}, which is not there"
            # Sentences in backticks are lines of the log or of an error; their ends may be cut with an ellipsis.
            plain = quoted.rstrip("…").strip()
            if re.match(r"[a-z]+ [a-z]+ [a-z ]+", plain) and "-" not in plain.split(" ")[0] and not is_command(plain) and plain not in said:
                yield f"{name} quotes `{quoted}`, which nothing in src says"
        for variable in re.findall(r"NEWSMILL_[A-Z_]+", text):
            if variable not in variables and not variable.startswith("NEWSMILL_KAFKA_PROPERTIES_"):
                yield f"{name} names {variable}, which nothing reads"


def is_command(text):
    """Whether a quotation is something to type and no sentence."""
    return text.split(" ")[0] in {"newsmill", "curl", "kubectl", "docker", "systemctl", "journalctl", "kafka", "helm", "pip", "promtool"}
