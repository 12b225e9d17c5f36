"""Clients: processes that ask, and write down what they were answered.

Each sends its share of the requests one after the other. A proxy that is killed is waited for. What
an answer says is read at once, so that no body has to be kept.
"""

import json
import os
import time

from raw_usage import read_answer
from traffic import call_number
from wire import Wire

PROXY_SECONDS = 60


def _connect(port):
    deadline = time.monotonic() + PROXY_SECONDS
    while True:
        try:
            return Wire(port)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _told(call, answer):
    """By the bytes that the provider sent."""
    if call.answer is not None:
        return read_answer(call.operation, call.answer, call.answer_is_events)
    return read_answer(call.operation, answer.body, answer.is_events)


def _record(call, answer, began):
    told = _told(call, answer)
    return {"id": answer.headers.get("x-foreword-request"), "began": began,
            "ended": time.monotonic(), "status": answer.status, "made": call.answer is not None,
            "operation": call.operation, "model": call.model, "upstream": call.upstream,
            "kb": call.kb, "label": call.label, "request_bytes": len(call.body),
            "counts": told.counts, "final": told.final, "answered_by": told.model,
            "terms": told.terms, "text": told.text}


def _ask(wire, call, port):
    """Each try is a request of its own. (records, a connection or nothing)"""
    for number in range(call.tries):
        wire = wire or _connect(port)
        headers = call.headers | (call.once if number == 0 else {})
        began = time.monotonic()
        answer = wire.ask("POST", call.target, headers, call.body, call.events_to_see)
        if call.events_to_see is not None or not answer.complete or (
            answer.headers.get("connection") == "close"
        ):
            wire.close()
            wire = None
        yield _record(call, answer, began), wire


def run(file, port, numbers, seed, prices):
    with open(file, "a", encoding="utf-8") as out:
        wire = None
        for number in numbers:
            call = call_number(seed, number, prices)
            for record, wire in _ask(wire, call, port):
                out.write(json.dumps(record) + "\n")
                out.flush()


def start(count, folder, port, requests, seed, prices):
    """[(process id, file)]"""
    workers = []
    for index in range(count):
        file = folder / f"answers-{index}.jsonl"
        child = os.fork()
        if child == 0:
            status = 1
            try:
                run(file, port, range(index, requests, count), seed, prices)
                status = 0
            finally:
                os._exit(status)
        workers.append((child, file))
    return workers
