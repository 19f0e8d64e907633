"""What cargo builds and measures: the index by size, the index cut into shards, and the binary itself."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from common import Failed

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
INDEX_SIZES = (10_000, 30_000, 100_000, 300_000, 500_000, 1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000)
ENCODER_MODEL = "encoder.nmenc"


def cargo(*arguments, **more):
    environment = {**os.environ, "CARGO_TARGET_DIR": str(TARGET)} | more.pop("env", {})
    done = subprocess.run(["cargo", *arguments], cwd=ROOT, text=True, check=False, env=environment, **more)
    if done.returncode != 0:
        raise Failed(f"cargo {arguments[0]} failed: see above")
    return done.stdout


def newsmill():
    cargo("build", "--quiet", "--release", "--locked", "--bin", "newsmill")
    return str(TARGET / "release" / "newsmill")


def probe():
    cargo("build", "--quiet", "--release", "--locked", "--example", "probe")
    return str(TARGET / "release" / "examples" / "probe")


def index(world):
    cargo("build", "--quiet", "--release", "--no-default-features", "--manifest-path", "benches/peers/Cargo.toml")
    sizes = sorted({world.scaled(size, 10_000) for size in INDEX_SIZES})
    world.say(f"filling an index with {sizes[-1]:,} articles")
    argv = [str(TARGET / "release" / "newsmill-peers"), "index", "--at", ",".join(map(str, sizes))]
    rows = []
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as child:
        for line in child.stdout:
            rows.append(json.loads(line))
            world.say(f"{rows[-1]['documents']:,} articles")
    if child.returncode != 0:
        raise Failed("the index could not be measured: see above")
    return {"rows": rows}


def split(world):
    documents = world.scaled(400_000, 2000)
    world.say(f"{documents:,} pages through one index and through shards: some minutes")
    printed = cargo("test", "--quiet", "--locked", "--lib", "--", "--ignored", "--nocapture", "--exact",
                    "sightings::tests::split::split_index_at_size",
                    env={"NEWSMILL_SPLIT_DOCUMENTS": str(documents)}, stdout=subprocess.PIPE)
    rows = [json.loads(line.split("split ", 1)[1]) for line in printed.splitlines() if line.partition("split {")[1]]
    if not rows:
        raise Failed("the simulation printed no rows")
    return {"documents": documents, "rows": rows}


def parts_of(path, folder):
    """Bytes of a binary: its file, without what is for debuggers, code, and data (the models are data)."""
    listed = subprocess.run(["size", "-A", "-d", path], capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in listed.splitlines() if line.startswith("."))
    sections = {row[0]: int(row[1]) for row in rows}
    stripped = folder / "stripped"
    subprocess.run(["strip", "-o", str(stripped), path], check=True)
    return {"file": os.stat(path).st_size, "stripped": stripped.stat().st_size, "code": sections.get(".text", 0),
            "data": sum(sections.get(name, 0) for name in (".rodata", ".data.rel.ro", ".data"))}


def language_models(whole):
    """Bytes of the lingua crates' models in the registry's sources, all and those of the twenty languages."""
    listed = json.loads(cargo_metadata(*([] if whole else ["--no-default-features", "--features", "major-languages"])))
    wanted = {node["id"] for node in listed["resolve"]["nodes"]}
    total = 0
    for package in listed["packages"]:
        if package["id"] in wanted and package["name"].startswith("lingua-") and package["name"].endswith("-language-model"):
            folder = Path(package["manifest_path"]).parent / "models"
            total += sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return total


def cargo_metadata(*features):
    argv = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu", *features]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def image_of(binary, folder, encoder):
    """The root of the container's image, put together as deploy/Dockerfile does, on this system's libraries."""
    root = folder / "root"
    argv = [str(ROOT / "deploy/image/root"), binary, str(root), *([str(encoder)] if encoder else [])]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None
    files = [file for file in root.rglob("*") if file.is_file() and not file.is_symlink()]
    total = sum(file.stat().st_size for file in files)
    packed = subprocess.run(f"tar -C {root} -c . | gzip -6 | wc -c", shell=True, capture_output=True, text=True, check=True)
    shutil.rmtree(root)
    return {"bytes": total, "packed": int(packed.stdout)}


def binary(world):
    """Sizes on disk, and what could be left out."""
    built = [("as released", world.binary)] + ([("major-languages", world.small)] if world.small else [])
    data_home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    encoder = data_home / "newsmill" / ENCODER_MODEL
    encoder = encoder if encoder.exists() else None
    rows = []
    for name, path in built:
        world.say(f"sizes of the binary {name}")
        parts = parts_of(path, world.folder)
        rows.append({"name": name, **parts, "language_models": language_models(name == "as released"),
                     "image": image_of(str(world.folder / "stripped"), world.folder, encoder),
                     "image_unstripped": image_of(path, world.folder, encoder)})
    models = {file.name: file.stat().st_size for file in sorted((ROOT / "models").glob("*.bin"))}
    return {"rows": rows, "models": models, "encoder": encoder.stat().st_size if encoder else 0}
