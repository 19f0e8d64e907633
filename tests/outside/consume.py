"""Reads topics from their beginning to their end at read_committed, with Confluent's client: consume.py BROKERS TOPIC...

Prints one JSON object a record: topic, key, headers, the id of a schema where the value has Confluent's frame, and the value's JSON.
"""

import json
import sys
import uuid

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition


def main(brokers, topics):
    consumer = Consumer({
        "bootstrap.servers": brokers,
        "group.id": f"outside-{uuid.uuid4()}",
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
        "enable.auto.commit": False,
    })
    known = consumer.list_topics(timeout=20).topics
    partitions = [TopicPartition(topic, partition, OFFSET_BEGINNING)
                  for topic in topics for partition in known[topic].partitions]
    consumer.assign(partitions)
    open_ends = {(one.topic, one.partition) for one in partitions}
    while open_ends:
        message = consumer.poll(20)
        assert message is not None, f"nothing came for 20 s; not read to the end: {open_ends}"
        if message.error():
            assert message.error().code() == KafkaError._PARTITION_EOF, message.error()
            open_ends.discard((message.topic(), message.partition()))
            continue
        value, schema_id = message.value(), None
        if value[:1] == b"\0":
            schema_id, value = int.from_bytes(value[1:5], "big"), value[5:]
        print(json.dumps({
            "topic": message.topic(),
            "key": message.key().decode(),
            "headers": {name: text.decode() for name, text in message.headers() or []},
            "schema_id": schema_id,
            "value": json.loads(value),
        }))
    consumer.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
