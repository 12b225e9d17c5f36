"""An upstream that answers what the request's own headers tell it to.

So the client knows each byte that the proxy was sent, also where it is sent other ones, or none.
`x-answer` is the body in base64, `x-answer-type` its content type, `x-answer-cut`, where it is
there, the byte behind which the connection breaks.
"""

import base64
import os
import socket
import socketserver


class _Provider(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        try:
            while self._one():
                pass
        except OSError:
            pass  # the proxy was killed

    def _one(self):
        """False: the connection is over."""
        if not self.rfile.readline():
            return False
        headers = {}
        while line := self.rfile.readline().strip():
            name, value = line.decode("latin-1").split(":", 1)
            headers[name.lower()] = value.strip()
        self.rfile.read(int(headers.get("content-length", "0")))
        body = base64.b64decode(headers["x-answer"])
        head = f"HTTP/1.1 200 OK\r\ncontent-type: {headers['x-answer-type']}\r\n"
        cut = headers.get("x-answer-cut")
        if headers["x-answer-type"] == "text/event-stream":
            head += "transfer-encoding: chunked\r\n"
            sent = body if cut is None else body[: int(cut)]
            framed = b"%x\r\n%s\r\n" % (len(sent), sent) if sent else b""
            body = framed + (b"0\r\n\r\n" if cut is None else b"")
        else:
            head += f"content-length: {len(body)}\r\n"
            body = body if cut is None else body[: int(cut)]
        self.wfile.write(head.encode() + b"\r\n" + body)
        return cut is None


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128


def start():
    """In a process of its own, which ends with this one. (port, process id)"""
    server = _Server(("127.0.0.1", 0), _Provider)
    alive, held = socket.socketpair()
    child = os.fork()
    if child == 0:
        held.close()
        import threading

        threading.Thread(target=server.serve_forever, daemon=True).start()
        alive.recv(1)  # ends with the other side
        os._exit(0)
    alive.close()
    server.socket.close()
    start.held = held
    return server.server_address[1], child
