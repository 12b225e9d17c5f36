"""What an answer says was used: a second reading of the providers' bytes.

Each provider's documentation is followed, not the program. Token classes are disjoint here:
Anthropic's input excludes what a cache served or took, OpenAI's and Gemini's include it.
"""

import json
import re
from dataclasses import dataclass, field

from price_table import CLASSES


@dataclass
class Told:
    counts: dict = field(default_factory=dict)  # as the provider names them, the latest of each
    final: bool = False  # nothing more can come
    model: str = ""
    terms: dict = field(default_factory=dict)  # service_tier, speed, inference_geo
    text: int = 0  # bytes of what was generated, as far as a stream brought it

    def name_terms(self, told, names):
        for name in names:
            if isinstance(told.get(name), str) and told[name]:
                self.terms[name] = told[name]

    def name_model(self, name):
        if isinstance(name, str) and name:
            self.model = name

    def add_text(self, text):
        if isinstance(text, str):
            self.text += len(text.encode())


def _numbers(told):
    return {name: n for name, n in told.items() if isinstance(n, int) and not isinstance(n, bool)}


def _dict(value):
    return value if isinstance(value, dict) else {}


# --- Anthropic ----------------------------------------------------------------------------------


def _anthropic_usage(told, usage):
    """message_start and message_delta repeat cumulative numbers: the last of each counts."""
    told.counts.update(_numbers(usage))
    told.counts.update(_numbers(_dict(usage.get("cache_creation"))))
    told.name_terms(usage, ("service_tier", "speed", "inference_geo"))


def _anthropic(told, event, is_stream):
    message = event.get("message") if is_stream and "message" in event else event
    told.name_model(_dict(message).get("model"))
    _anthropic_usage(told, _dict(_dict(message).get("usage")))
    if not is_stream:
        told.final = bool(told.counts)
        return
    delta = _dict(event.get("delta"))
    for name in ("text", "partial_json", "thinking"):
        told.add_text(delta.get(name))
    if event.get("type") == "message_stop" or isinstance(delta.get("stop_reason"), str):
        told.final = bool(told.counts)


def _anthropic_classes(counts):
    long = counts.get("ephemeral_1h_input_tokens", 0)
    short = counts.get("ephemeral_5m_input_tokens", 0)
    written = counts.get("cache_creation_input_tokens", short + long)
    long = min(long, written)
    return {"input": counts.get("input_tokens", 0),
            "cache_read": counts.get("cache_read_input_tokens", 0),
            "cache_write_5m": written - long, "cache_write_1h": long,
            "output": counts.get("output_tokens", 0)}


# --- OpenAI: Chat Completions and Responses -----------------------------------------------------


def _openai_usage(told, usage):
    prefix = "input" if "input_tokens" in usage else "prompt"
    details = _dict(usage.get(f"{prefix}_tokens_details"))
    split = _numbers(_dict(details.get("cache_write_tokens_details")))
    found = {"input": usage.get(f"{prefix}_tokens"),
             "output": usage.get("output_tokens", usage.get("completion_tokens")),
             "read": details.get("cached_tokens"), "written": details.get("cache_write_tokens"),
             "30m": split.get("ttl_30m_tokens"), "12h": split.get("ttl_12h_tokens")}
    if any(n is not None for n in found.values()):
        told.counts = _numbers(found)


def _openai_common(told, answer):
    told.name_model(answer.get("model"))
    told.name_terms(answer, ("service_tier",))
    if isinstance(answer.get("usage"), dict):
        _openai_usage(told, answer["usage"])


def _chat(told, chunk, is_stream):
    _openai_common(told, chunk)
    if not is_stream:
        told.final = bool(told.counts)
        return
    for choice in chunk.get("choices") or []:
        delta = _dict(choice.get("delta"))
        for name in ("content", "refusal", "reasoning_content"):
            told.add_text(delta.get(name))
    if isinstance(chunk.get("usage"), dict) and chunk.get("choices") == []:
        told.final = bool(told.counts)


def _responses(told, event, is_stream):
    if not is_stream:
        _openai_common(told, event)
        told.final = bool(told.counts)
        return
    told.add_text(event.get("delta"))
    response = event.get("response")
    if isinstance(response, dict):
        _openai_common(told, response)
        ends = ("response.completed", "response.incomplete", "response.failed")
        if event.get("type") in ends and isinstance(response.get("usage"), dict):
            told.final = bool(told.counts)


def _openai_classes(counts):
    """Parts that are larger than their whole are cut to it."""
    whole = counts.get("input", 0)
    read = min(counts.get("read", 0), whole)
    written = counts.get("written", counts.get("30m", 0) + counts.get("12h", 0))
    written = min(written, whole - read)
    long = min(counts.get("12h", 0), written)
    return {"input": whole - read - written, "cache_read": read,
            "cache_write_30m": written - long, "cache_write_12h": long,
            "output": counts.get("output", 0)}


# --- Gemini -------------------------------------------------------------------------------------


def _gemini(told, chunk, is_stream):
    told.name_model(chunk.get("modelVersion"))
    usage = _numbers(_dict(chunk.get("usageMetadata")))
    if usage:
        told.counts = usage
    for candidate in chunk.get("candidates") or []:
        if is_stream:
            for part in _dict(candidate.get("content")).get("parts") or []:
                told.add_text(_dict(part).get("text"))
        if isinstance(candidate.get("finishReason"), str):
            told.final = bool(told.counts)
    if not is_stream:
        told.final = bool(told.counts)


def _gemini_classes(counts):
    whole = counts.get("promptTokenCount", 0)
    read = min(counts.get("cachedContentTokenCount", 0), whole)
    return {"input": whole - read + counts.get("toolUsePromptTokenCount", 0), "cache_read": read,
            "output": counts.get("candidatesTokenCount", 0) + counts.get("thoughtsTokenCount", 0)}


# --- all of them --------------------------------------------------------------------------------

_READERS = {"messages": _anthropic, "chat_completions": _chat, "responses": _responses,
            "generate_content": _gemini}
_CLASSES = {"messages": _anthropic_classes, "chat_completions": _openai_classes,
            "responses": _openai_classes, "generate_content": _gemini_classes}


def events_of(body):
    """The data of each event that came whole, as the HTML standard ends them: by an empty line."""
    for event in re.split(rb"\r\n\r\n|\n\n|\r\r", body)[:-1]:
        lines = re.split(rb"\r\n|\n|\r", event)
        data = [line[5:].removeprefix(b" ") for line in lines if line.startswith(b"data:")]
        if data:
            yield b"\n".join(data)


def read_answer(operation, body, is_events):
    """What the body says, of which more may have been to come."""
    told = Told()
    reader = _READERS[operation]
    documents = list(events_of(body)) if is_events else [body]
    for document in documents:
        try:
            said = json.loads(document)
        except ValueError:
            continue
        # Gemini's stream, where it was not asked for as events, is a list of the same chunks.
        for one in said if isinstance(said, list) else [said]:
            if isinstance(one, dict):
                reader(told, one, is_events)
    return told


def classes_of(operation, counts):
    return dict.fromkeys(CLASSES, 0) | _CLASSES[operation](counts)
