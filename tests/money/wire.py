"""A client of the proxy that sees its bytes: HTTP/1.1 over one connection at a time."""

import socket
import zlib
from dataclasses import dataclass, field

SECONDS = 60


@dataclass
class Answer:
    status: int = 0  # none came
    headers: dict = field(default_factory=dict)  # names in lower case
    body: bytes = b""  # without framing and compression
    complete: bool = False

    @property
    def is_events(self):
        return self.headers.get("content-type", "").startswith("text/event-stream")


class Broken(Exception):
    """The connection ended where more was to come."""


class Wire:
    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._unread = b""

    def close(self):
        self._socket.close()

    def ask(self, method, target, headers, body, events_to_see=None):
        """Sends it and reads the answer; what has come of it where it breaks off.

        `events_to_see`: reads so many events of a stream, and looks no further.
        """
        lines = [f"{method} {target} HTTP/1.1", "host: proxy.test", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        answer = Answer()
        try:
            self._socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            self._read_head(answer)
            self._read_body(answer, events_to_see)
        except (Broken, OSError):
            pass
        return answer

    def _more(self):
        piece = self._socket.recv(1 << 16)
        if not piece:
            raise Broken
        self._unread += piece

    def _until(self, end):
        while end not in self._unread:
            self._more()
        found, self._unread = self._unread.split(end, 1)
        return found

    def _exactly(self, count):
        while len(self._unread) < count:
            self._more()
        found, self._unread = self._unread[:count], self._unread[count:]
        return found

    def _read_head(self, answer):
        first, *lines = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        for line in lines:
            name, value = line.split(":", 1)
            answer.headers[name.lower()] = value.strip()
        answer.status = int(first.split(" ")[1])

    def _read_body(self, answer, events_to_see):
        gzip = answer.headers.get("content-encoding") == "gzip"
        plain = zlib.decompressobj(31).decompress if gzip else bytes
        for piece in self._pieces(answer.headers):
            answer.body += plain(piece)
            if events_to_see is not None and answer.is_events:
                if len(answer.body.replace(b"\r\n", b"\n").split(b"\n\n")) > events_to_see:
                    return
        answer.complete = True

    def _pieces(self, headers):
        """Each as soon as it is there."""
        if headers.get("transfer-encoding") == "chunked":
            while size := int(self._until(b"\r\n"), 16):
                yield self._exactly(size)
                self._exactly(2)
            self._until(b"\r\n")
        elif "content-length" in headers:
            left = int(headers["content-length"])
            while left > 0:
                if not self._unread:
                    self._more()
                piece = self._exactly(min(left, len(self._unread)))
                left -= len(piece)
                yield piece
        else:
            try:
                while True:
                    if self._unread:
                        yield self._exactly(len(self._unread))
                    self._more()
            except Broken:
                return
