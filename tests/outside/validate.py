"""Holds records against their JSON Schemas: validate.py SCHEMAS FILE...

SCHEMAS is a folder with what `newsmill schema --output` writes. A FILE is JSONL; a record's `outcome` names its schema, and one
without is a page message. Prints how many records of each kind are valid; says what is wrong with the first that are not.
"""

import json
import sys
from collections import Counter
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker

SHOWN = 10


def main(folder, files):
    """The exit code."""
    validators = {}
    for path in sorted(Path(folder).glob("*.json")):
        schema = json.loads(path.read_text())
        if "$schema" in schema:
            Draft202012Validator.check_schema(schema)
            validators[path.stem] = Draft202012Validator(schema, format_checker=FormatChecker())
    # Without its library a format would be passed over in silence.
    assert "date-time" in FormatChecker.checkers, "rfc3339-validator is missing"
    valid, wrong = Counter(), 0
    for file in files:
        with open(file, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                record = json.loads(line)
                kind = record.get("outcome", "page")
                errors = list(validators[kind].iter_errors(record))
                if not errors:
                    valid[kind] += 1
                    continue
                wrong += 1
                if wrong <= SHOWN:
                    for error in errors:
                        at = "/".join(map(str, error.absolute_path))
                        print(f"{file}:{number}: {kind} /{at}: {error.message[:300]}")
    print("valid: " + ", ".join(f"{kind}={count}" for kind, count in sorted(valid.items())))
    if wrong:
        print(f"{wrong} records are not valid")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
