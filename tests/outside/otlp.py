"""Reads requests of OTLP as its JSON has them, one a line of a file, by OpenTelemetry's own definition; a field that it does not
know is an error. Prints how many spans there are."""

import json
import sys

from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def main(lines):
    spans = 0
    for line in lines:
        request = ParseDict(json.loads(line), ExportTraceServiceRequest())
        for resource in request.resource_spans:
            assert any(one.key == "service.name" for one in resource.resource.attributes)
            spans += sum(len(scope.spans) for scope in resource.scope_spans)
    print(spans)


if __name__ == "__main__":
    main(open(sys.argv[1], encoding="utf-8"))
