"""Reads Parquet files with DuckDB: rows, types of the columns, and of each row what the test holds against its JSON.

usage: parquet.py FILE...   prints one JSON object, by file
"""

import json
import sys

import duckdb

PLAIN = ["outcome", "id", "page_id", "url", "title", "text", "word_count"]
QUERY = """
    SELECT {plain}, authors, topics, stories, language, similarity, reason, base64(body), source_topic, source_partition,
        source_offset, extra, dateline.date::VARCHAR, published_on::VARCHAR
    FROM read_parquet(?)
""".format(plain=", ".join(PLAIN))


def digest(row):
    plain, rest = list(row[: len(PLAIN)]), row[len(PLAIN):]
    authors, topics, stories, language, similarity, reason, body, topic, partition, offset, extra, date, day = rest
    language = language or {}
    return plain + [
        authors or [],
        [item["code"] for item in topics or []],
        [item["score"] for item in topics or []],
        [item["text"] for item in stories or []],
        language.get("code"),
        language.get("confidence"),
        similarity,
        reason,
        body,
        topic,
        partition,
        offset,
        json.loads(extra) if extra else None,
        date,
        day,
    ]


out = {}
for path in sys.argv[1:]:
    connection = duckdb.connect()
    described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [path]).fetchall()
    digests = [digest(row) for row in connection.execute(QUERY, [path]).fetchall()]
    out[path] = {
        "rows": len(digests),
        "types": {row[0]: row[1] for row in described},
        "digests": digests,
    }
json.dump(out, sys.stdout)
