"""The official Python SDKs, driven over standard input and output.

Each line in is a command: {"id": N, "do": "open" | "ask" | "stream" | "next" | "stop", ...}. Each
line out answers one of them, {"id": N, ...}, or tells the head of an answer as it came.
Commands of one process run at the same time; "stop" cancels a call, or closes a stream.
"""

import asyncio
import json
import ssl
import sys

import anthropic
import openai
from google import genai

try:
    import httpx2 as httpx  # what newer SDKs of OpenAI speak through
except ImportError:
    import httpx


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def plain(model):
    return model.model_dump(mode="json", exclude_none=True)


def explained(error):
    """What the comparison needs of an error: its class, words, status and ids."""
    if isinstance(error, httpx.TransportError):  # whether a reset or an end came first is luck
        return {"class": "TransportError"}
    response = getattr(error, "response", None)
    return {
        "class": type(error).__name__,
        "message": str(error),
        "status": getattr(error, "status_code", getattr(error, "code", None)),
        "id": getattr(error, "request_id", None),
        "body": getattr(error, "body", None) or getattr(response, "text", None),
    }


async def tell_head(response):
    request = response.request
    key = request.headers.get("x-api-key") or request.headers.get("x-goog-api-key")
    key = key or request.headers.get("authorization", "").removeprefix("Bearer ")
    pairs = [[text.decode("latin1") for text in pair] for pair in response.headers.raw]
    say({"head": {"key": key, "status": response.status_code, "headers": pairs}})


# Made once: reading the system's certificates takes longer than most cases.
tls = ssl.create_default_context()


def telling(http_client):
    """An SDK's own kind of HTTP client, that also tells the heads of its answers."""
    return http_client(verify=tls, event_hooks={"response": [tell_head]})


class Anthropic:
    def __init__(self, root, key, retries, headers):
        self.sdk = anthropic.AsyncAnthropic(
            api_key=key,
            base_url=root,
            max_retries=retries,
            default_headers=headers,
            http_client=telling(anthropic.DefaultAsyncHttpxClient),
        )

    async def ask(self, params):
        raw = await self.sdk.messages.with_raw_response.create(**params)
        parsed = raw.parse()
        if asyncio.iscoroutine(parsed):
            parsed = await parsed
        return {"data": plain(parsed) if hasattr(parsed, "model_dump") else parsed}

    async def stream(self, params):
        return await self.sdk.messages.create(**params, stream=True)

    @staticmethod
    def text_of(event):
        return getattr(getattr(event, "delta", None), "text", None) or ""


class OpenAI:
    def __init__(self, root, key, retries, headers):
        self.sdk = openai.AsyncOpenAI(
            api_key=key,
            base_url=root.rstrip("/") + ("/v1/" if root.endswith("/") else "/v1"),
            max_retries=retries,
            default_headers=headers,
            http_client=telling(openai.DefaultAsyncHttpxClient),
        )

    async def ask(self, params):
        raw = await self.resource.with_raw_response.create(**params)
        parsed = raw.parse()
        if asyncio.iscoroutine(parsed):
            parsed = await parsed
        return {"data": plain(parsed) if hasattr(parsed, "model_dump") else parsed}

    async def stream(self, params):
        return await self.resource.create(**params, stream=True)


class Chat(OpenAI):
    @property
    def resource(self):
        return self.sdk.chat.completions

    @staticmethod
    def text_of(event):
        return (event.choices[0].delta.content or "") if event.choices else ""


class Responses(OpenAI):
    @property
    def resource(self):
        return self.sdk.responses

    @staticmethod
    def text_of(event):
        return event.delta if event.type == "response.output_text.delta" else ""


class Gemini:
    def __init__(self, root, key, retries, headers):
        http_client = telling(httpx.AsyncClient)
        options = {"base_url": root, "headers": headers, "httpx_async_client": http_client}
        self.sdk = genai.Client(api_key=key, vertexai=False, http_options=options)

    async def ask(self, params):
        answer = await self.sdk.aio.models.generate_content(**params)
        dumped = plain(answer)
        dumped.pop("sdk_http_response", None)
        return {"data": dumped}

    async def stream(self, params):
        return await self.sdk.aio.models.generate_content_stream(**params)

    @staticmethod
    def text_of(event):
        return event.text or ""


KINDS = {"anthropic": Anthropic, "chat": Chat, "responses": Responses, "gemini": Gemini}


class Driver:
    def __init__(self):
        self.clients = {}
        self.tasks = {}
        self.streams = {}
        self.reading = {}  # by stream: the task that waits for its next event

    async def ask(self, command):
        return {"result": await self.clients[command["client"]].ask(command["params"])}

    async def stream(self, command):
        client = self.clients[command["client"]]
        self.streams[command["id"]] = (client, await client.stream(command["params"]))
        return {}

    async def next(self, command):
        client, events = self.streams[command["stream"]]
        self.reading[command["stream"]] = asyncio.current_task()
        try:
            event = await events.__anext__()
        except StopAsyncIteration:
            del self.streams[command["stream"]]
            return {"done": True}
        finally:
            del self.reading[command["stream"]]
        raw = plain(event)
        raw.pop("sdk_http_response", None)
        return {"item": {"raw": raw, "text": client.text_of(event)}}

    async def stop(self, command):
        for task in (self.tasks.get(command["call"]), self.reading.get(command["call"])):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
        _, events = self.streams.pop(command["call"], (None, None))
        close = getattr(events, "close", None) or getattr(events, "aclose", None)
        if close is not None:
            await close()
        return {}

    async def answer(self, command):
        try:
            result = await getattr(self, command["do"])(command)
        except asyncio.CancelledError:
            result = {"error": {"class": "Cancelled"}}
        except Exception as error:  # all of them are what a case may ask about
            result = {"error": explained(error)}
        say({"id": command["id"], **result})
        self.tasks.pop(command["id"], None)

    async def run(self):
        reader = asyncio.StreamReader(limit=1 << 26)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
        while line := await reader.readline():
            command = json.loads(line)
            if command["do"] == "open":
                kind = KINDS[command["kind"]]
                options = [command[name] for name in ("root", "key", "retries", "headers")]
                self.clients[command["id"]] = kind(*options)
                continue
            self.tasks[command["id"]] = asyncio.create_task(self.answer(command))


asyncio.run(Driver().run())
