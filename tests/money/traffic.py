"""Which request is the n-th: what is mixed, as a function of a seed and n alone."""

import base64
import json
from dataclasses import dataclass, field
from random import Random

import made_answers

PROVIDER_OF = {"messages": "anthropic", "chat_completions": "openai", "responses": "openai",
               "generate_content": "gemini"}
# Of requests whose answers the simulator gives. Refused markers are remembered by model, so that
# fault has models of its own.
MODELS = {
    "messages": ("claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-4-5-20251001"),
    "chat_completions": ("gpt-6.1-sol", "gpt-4o"),
    "responses": ("gpt-5.6-terra", "gpt-5-mini"),
    "generate_content": ("gemini-3.8-flash", "gemini-2.5-pro"),
}
REFUSING = "claude-opus-4-8"
LABELS = (None, None, "support", "search", "team 7")
KBS = (None, None, "handbook", "handbook", "handbook+policies")


@dataclass
class Call:
    operation: str
    model: str  # as requested
    upstream: str
    target: str
    headers: dict
    body: bytes
    kb: str | None = None
    label: str | None = None
    events_to_see: int | None = None  # the client hangs up behind so many
    tries: int = 1  # what is refused once is asked again
    answer: bytes | None = None  # what the provider is told to send, as far as it will
    answer_is_events: bool = False
    once: dict = field(default_factory=dict)  # headers of the first try alone


def _words(random, count):
    return " ".join(f"{random.randrange(10**6):x}" for _ in range(count))


def _body(random, operation, model, stream):
    """A question, now and then with a long text of its own in front that is marked."""
    question = f"What of {_words(random, 3)}?"
    if operation == "messages":
        body = {"model": model, "max_tokens": 100, "stream": stream,
                "messages": [{"role": "user", "content": question}]}
        if random.random() < 0.3:
            marker = {"type": "ephemeral"} | random.choice(({}, {"ttl": "5m"}, {"ttl": "1h"}))
            text = _words(Random(random.randrange(40)), 3_000)
            body["system"] = [{"type": "text", "text": text, "cache_control": marker}]
        if random.random() < 0.1:
            body["inference_geo"] = "us"
        if random.random() < 0.1 and "opus" in model:
            body["speed"] = "fast"
        return body
    if operation == "chat_completions":
        usage = {"stream_options": {"include_usage": True}} if stream else {}
        return {"model": model, "stream": stream,
                "messages": [{"role": "user", "content": question}]} | usage
    if operation == "responses":
        return {"model": model, "stream": stream, "input": question}
    return {"contents": [{"role": "user", "parts": [{"text": question}]}]}


def _path(operation, model, stream, as_events):
    if operation == "generate_content":
        verb = "streamGenerateContent" if stream else "generateContent"
        return f"/v1beta/models/{model}:{verb}" + ("?alt=sse" if as_events else "")
    return {"messages": "/v1/messages", "chat_completions": "/v1/chat/completions",
            "responses": "/v1/responses"}[operation]


def _headers(operation):
    return {"content-type": "application/json"} | {
        "anthropic": {"x-api-key": "no-key-needed", "anthropic-version": "2023-06-01"},
        "openai": {"authorization": "Bearer no-key-needed"},
        "gemini": {"x-goog-api-key": "no-key-needed"}}[PROVIDER_OF[operation]]


def _made(random, prices):
    operation, model, stream, kind, answer = made_answers.make(random, prices)
    is_events = kind == "text/event-stream"
    headers = _headers(operation) | {"x-answer": base64.b64encode(answer).decode(),
                                     "x-answer-type": kind}
    if random.random() < 0.15:
        cut = random.randrange(len(answer))
        headers["x-answer-cut"] = str(cut)
        answer = answer[:cut]
    body = _body(random, operation, model, stream)
    if random.random() < 0.5:
        body.pop("stream_options", None)  # the proxy asks for usage, and keeps it to itself
    upstream = f"made-{PROVIDER_OF[operation]}"
    return Call(operation, model, upstream,
                f"/{upstream}" + _path(operation, model, stream, is_events), headers,
                json.dumps(body).encode(), answer=answer, answer_is_events=is_events)


def _trouble(random, call, stream, as_events):
    """What may go wrong at the provider or the client, for some."""
    kind = random.random()
    if kind < 0.08 and as_events:
        events = random.randrange(1, 8)
        call.headers["x-simulate"] = f"stall={events}"
        call.events_to_see = events
    elif kind < 0.12:
        call.headers["x-simulate"] = f"cut-after-events={random.randrange(1, 9)}" if stream else (
            f"cut-after-bytes={random.randrange(200)}")
    elif kind < 0.15 and stream:
        call.headers["x-simulate"] = f"error-event-after={random.randrange(1, 5)}"
    elif kind < 0.20:
        call.once["x-simulate"] = f"status={random.choice((429, 500, 503, 529))}"
        call.tries = 2
    elif kind < 0.22:
        call.headers["x-simulate"] = "garbage"
    elif kind < 0.35:
        call.headers["x-simulate"] = "gzip"
        call.headers["accept-encoding"] = "gzip"
    elif kind < 0.37 and stream:  # so slow that a kill meets it
        call.headers["x-simulate"] = "event-delay-ms=20"
    elif kind < 0.39 and call.operation == "messages":
        body = json.loads(call.body) | {"model": REFUSING}
        body.pop("speed", None)
        call.model, call.body = REFUSING, json.dumps(body).encode()
        call.headers["x-simulate"] = "refuse=cache_control"


def _simulated(random):
    operation = random.choice(tuple(MODELS))
    model = random.choice(MODELS[operation])
    stream = random.random() < 0.5
    headers = _headers(operation)
    if random.random() < 0.1:
        headers["x-foreword-mode"] = "observe"
    body = _body(random, operation, model, stream)
    kb = random.choice(KBS)
    as_events = stream and (operation != "generate_content" or random.random() < 0.8)
    target = (f"/kb/{kb}" if kb else "") + _path(operation, model, stream, as_events)
    call = Call(operation, model, PROVIDER_OF[operation], target, headers,
                json.dumps(body).encode(), kb=kb)
    _trouble(random, call, stream, as_events)
    return call


def call_number(seed, number, prices):
    random = Random(f"{seed} {number}")
    call = _made(random, prices) if random.random() < 0.4 else _simulated(random)
    call.label = random.choice(LABELS)
    if call.label:
        call.headers["x-foreword-label"] = call.label
    return call
