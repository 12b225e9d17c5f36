"""Answers with usage that no simulator comes to: every price class, tier, place and oddity.

`make(random, prices)` gives (operation, requested model, is a stream, content type, body). The
numbers mean nothing; what is made of them has to be right.
"""

import json

SEVERAL = "ein paar W\u00f6rter, \u2014 and \"quoted\" ones".split(" ")


def _count(random):
    return random.choice((0, 1, random.randrange(5_000), random.randrange(2_000_000)))


def _near_the_threshold(random, model, prompt):
    """Sometimes exactly the largest prompt at the short price, or one token more."""
    for period in model["usd_per_mtok"]:
        if "long_context" in period and random.random() < 0.5:
            return period["long_context"]["above_prompt_tokens"] + random.randrange(2)
    return prompt


def _named(random, name):
    return name + random.choice(("", "", "", "-20260115", "-2026-01-15", "-latest"))


def _model(random, prices, provider):
    """(what is asked for, what the answer names, the table's entry)."""
    model = random.choice(prices.models(provider))
    if random.random() < 0.03:
        return "made-up-model", "made-up-model", model
    asked = _named(random, model["name"])
    return asked, random.choice((asked, model["name"], None)), model


def _event(data, name=None):
    return (f"event: {name}\n" if name else "") + f"data: {json.dumps(data)}\n\n"


def _without_none(members):
    return {name: value for name, value in members.items() if value is not None}


def _anthropic_usage(random, model):
    short, long, read = _count(random), _count(random), _count(random)
    plain = max(0, _near_the_threshold(random, model, _count(random) + short + long + read)
                - short - long - read)
    usage = {"input_tokens": plain, "cache_read_input_tokens": read,
             "cache_creation_input_tokens": short + long,
             "cache_creation": {"ephemeral_5m_input_tokens": short,
                                "ephemeral_1h_input_tokens": long}}
    if random.random() < 0.2:  # of before there was an hour
        del usage["cache_creation"]
    elif random.random() < 0.1:
        del usage["cache_creation_input_tokens"]
    usage["service_tier"] = random.choice((None, "standard", "priority", "batch"))
    usage["speed"] = random.choice((None, "standard", "fast"))
    usage["inference_geo"] = random.choice((None, "global", "us", "not_available"))
    return _without_none(usage)


def _messages(random, prices):
    asked, named, model = _model(random, prices, "anthropic")
    usage = _anthropic_usage(random, model)
    output = _count(random)
    message = _without_none({"id": "msg_1", "type": "message", "model": named})
    if random.random() < 0.4:
        body = message | {"content": [], "stop_reason": "end_turn",
                          "usage": usage | {"output_tokens": output}}
        return "messages", asked, False, "application/json", json.dumps(body)
    # The second usage repeats what the first one said, or part of it.
    again = random.choice((usage, {}, {"input_tokens": usage["input_tokens"]}))
    events = [("message_start", {"message": message | {"usage": usage | {"output_tokens": 1}}})]
    for text in SEVERAL[: random.randrange(6)]:
        events.append(("content_block_delta",
                       {"index": 0, "delta": {"type": "text_delta", "text": text}}))
    events.append(("message_delta", {"delta": {"stop_reason": "end_turn"},
                                     "usage": again | {"output_tokens": output}}))
    events.append(("message_stop", {}))
    body = "".join(_event({"type": name} | data, name) for name, data in events)
    return "messages", asked, True, "text/event-stream", body


def _openai_counts(random, model):
    """(whole, details): the parts may be larger than the whole."""
    read, written = _count(random), _count(random)
    whole = _near_the_threshold(random, model, _count(random) + read + written)
    if random.random() < 0.1:
        whole = min(whole, read + written // 2)
    details = {"cached_tokens": read}
    if random.random() < 0.7:
        details["cache_write_tokens"] = written
    if random.random() < 0.5:
        long = random.randrange(written + 1)
        details["cache_write_tokens_details"] = {"ttl_30m_tokens": written - long,
                                                 "ttl_12h_tokens": long}
    return whole, details


def _tier(random):
    return random.choice((None, "default", "flex", "priority", "batch", "scale"))


def _chat(random, prices):
    asked, named, model = _model(random, prices, "openai")
    whole, details = _openai_counts(random, model)
    output = _count(random)
    usage = {"prompt_tokens": whole, "completion_tokens": output,
             "total_tokens": whole + output, "prompt_tokens_details": details,
             "completion_tokens_details": {"reasoning_tokens": output // 2}}
    common = _without_none({"id": "chatcmpl-1", "model": named, "service_tier": _tier(random)})
    if random.random() < 0.4:
        choice = {"index": 0, "message": {"role": "assistant", "content": "So."}}
        body = common | {"choices": [choice], "usage": usage}
        return "chat_completions", asked, False, "application/json", json.dumps(body)

    def chunk(more):
        return _event(common | {"object": "chat.completion.chunk"} | more)

    texts = [chunk({"choices": [{"index": 0, "delta": {"content": text}}], "usage": None})
             for text in SEVERAL[: random.randrange(6)]]
    stop = chunk({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    body = "".join(texts) + stop + chunk({"choices": [], "usage": usage}) + "data: [DONE]\n\n"
    return "chat_completions", asked, True, "text/event-stream", body


def _responses(random, prices):
    asked, named, model = _model(random, prices, "openai")
    whole, details = _openai_counts(random, model)
    output = _count(random)
    usage = {"input_tokens": whole, "input_tokens_details": details, "output_tokens": output,
             "total_tokens": whole + output}
    response = _without_none({"id": "resp_1", "model": named, "service_tier": _tier(random)})
    done = response | {"status": "completed", "usage": usage}
    if random.random() < 0.4:
        return "responses", asked, False, "application/json", json.dumps(done)
    events = [("response.created", {"response": response | {"usage": None}})]
    events += [("response.output_text.delta", {"delta": text})
               for text in SEVERAL[: random.randrange(6)]]
    end = random.choice(("response.completed", "response.incomplete"))
    events.append((end, {"response": done}))
    body = "".join(_event({"type": name} | data, name) for name, data in events)
    return "responses", asked, True, "text/event-stream", body


def _generate_content(random, prices):
    asked, named, model = _model(random, prices, "gemini")
    read, tools = _count(random), random.choice((None, _count(random)))
    whole = _near_the_threshold(random, model, _count(random) + read)
    usage = _without_none({
        "promptTokenCount": whole, "cachedContentTokenCount": read or None,
        "candidatesTokenCount": _count(random) or None,
        "thoughtsTokenCount": random.choice((None, _count(random))),
        "toolUsePromptTokenCount": tools})

    def chunk(text, more):
        candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0} | more
        return _without_none({"candidates": [candidate], "usageMetadata": usage,
                              "modelVersion": named})

    chunks = [chunk(text, {}) for text in SEVERAL[: random.randrange(5)]]
    chunks.append(chunk(".", {"finishReason": "STOP"}))
    shape = random.choice(("object", "list", "events"))
    if shape == "object":
        return "generate_content", asked, False, "application/json", json.dumps(chunks[-1])
    if shape == "list":
        return "generate_content", asked, True, "application/json", json.dumps(chunks)
    body = "".join(f"data: {json.dumps(one)}\r\n\r\n" for one in chunks)
    return "generate_content", asked, True, "text/event-stream", body


_ALL = (_messages, _chat, _responses, _generate_content)


def make(random, prices):
    operation, asked, stream, kind, body = random.choice(_ALL)(random, prices)
    return operation, asked, stream, kind, body.encode()
