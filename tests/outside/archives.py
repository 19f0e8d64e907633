"""Writes web archives with tools that others made: warcio (WARC and WET) and GNU wget (from a server on loopback).

    archives.py FOLDER

makes FOLDER/warcio.warc.gz, FOLDER/warcio.wet.gz and FOLDER/wget.warc.gz, and FOLDER/truth.json with the pages that each
holds: the end of the URL, and words of the text.
"""

import gzip
import http.server
import io
import json
import pathlib
import subprocess
import sys
import threading
import zlib

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter


def page(name, extra=""):
    """A page of its own words."""
    sentences = " ".join(
        f"The council of {name} met for the {n}th time, and {name} paid {n * 37 + len(name)} crowns for its harbour." for n in range(2, 14))
    return f"<html><head><title>News of {name}</title>{extra}</head><body><h1>News of {name}</h1><p>{sentences}</p></body></html>"


def chunked(body):
    size = 300
    pieces = [body[at:at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


# Path, status, headers, body; whether it becomes a page.
RESPONSES = [
    ("/plain", 200, {"Content-Type": "text/html; charset=utf-8"}, page("Lindmere").encode(), True),
    ("/gzip", 200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, gzip.compress(page("Oskar").encode()), True),
    ("/deflate", 200, {"Content-Type": "text/html", "Content-Encoding": "deflate"}, zlib.compress(page("Halden").encode()), True),
    ("/latin", 200, {"Content-Type": "text/html; charset=iso-8859-1"}, page("Köping").encode("latin-1"), True),
    ("/chunked", 200, {"Content-Type": "text/html", "Transfer-Encoding": "chunked"}, page("Vika").encode(), True),
    ("/missing", 404, {"Content-Type": "text/html"}, page("Nowhere").encode(), False),
    ("/image", 200, {"Content-Type": "image/png"}, b"\x89PNG\r\n\x1a\n" + bytes(500), False),
    ("/moved", 302, {"Content-Type": "text/html", "Location": "/plain"}, b"", False),
]
WORDS = {"/plain": "Lindmere", "/gzip": "Oskar", "/deflate": "Halden", "/latin": "Köping", "/chunked": "Vika"}


def write_warcio(folder):
    with open(folder / "warcio.warc.gz", "wb") as out:
        writer = WARCWriter(out, gzip=True, warc_version="1.1")
        writer.write_record(writer.create_warcinfo_record("warcio.warc.gz", {"software": "a test"}))
        for path, status, headers, body, _ in RESPONSES:
            if headers.get("Transfer-Encoding") == "chunked":
                body = chunked(body)
            head = StatusAndHeaders(f"{status} Word", list(headers.items()), protocol="HTTP/1.1")
            url = f"http://site.example{path}"
            writer.write_record(writer.create_warc_record(url, "response", payload=io.BytesIO(body), http_headers=head))
            writer.write_record(writer.create_warc_record(url, "request", payload=io.BytesIO(b""), http_headers=StatusAndHeaders(
                f"GET {path} HTTP/1.1", [("Host", "site.example")], is_http_request=True)))
        writer.write_record(writer.create_revisit_record("http://site.example/plain", "sha1:B6QJ6BNJ3R4B23XXMRKZKHLPGJY2VE4O",
                                                         "http://site.example/plain", "2026-03-01T10:00:00Z"))
    with open(folder / "warcio.wet.gz", "wb") as out:
        writer = WARCWriter(out, gzip=True)
        writer.write_record(writer.create_warcinfo_record("warcio.wet.gz", {"software": "a test"}))
        for name in ("Tarn", "Gävle"):
            text = page(name).split("<p>")[1].split("</p>")[0]
            writer.write_record(writer.create_warc_record(f"http://site.example/{name}", "conversion", payload=io.BytesIO(
                f"News of {name}\n\n{text}\n".encode()), warc_content_type="text/plain"))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        for path, status, headers, body, _ in RESPONSES:
            if path == self.path:
                self.send_response(status)
                is_chunked = headers.get("Transfer-Encoding") == "chunked"
                for name, value in headers.items():
                    self.send_header(name, value)
                if not is_chunked:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(chunked(body) if is_chunked else body)
                return
        self.send_error(404)

    def log_message(self, *_):
        pass


def write_wget(folder):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    urls = [f"http://127.0.0.1:{server.server_port}{path}" for path, *_ in RESPONSES]
    command = ["wget", "--quiet", "--tries=1", "--no-proxy", "--max-redirect=0", "--delete-after", f"--warc-file={folder / 'wget'}", *urls]
    # It ends with an error for the page that is missing.
    subprocess.run(command, cwd=folder, check=False)
    server.shutdown()


def main():
    folder = pathlib.Path(sys.argv[1])
    write_warcio(folder)
    write_wget(folder)
    pages = [[path, WORDS[path]] for path, *_, is_page in RESPONSES if is_page]
    truth = {"warcio.warc.gz": pages, "warcio.wet.gz": [["/Tarn", "Tarn"], ["/Gävle", "Gävle"]], "wget.warc.gz": pages}
    (folder / "truth.json").write_text(json.dumps(truth))


if __name__ == "__main__":
    main()
