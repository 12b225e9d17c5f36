"""The program: a simulator, a proxy that can be killed, and commands on its store."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.request

START_SECONDS = 60


def _environment(folder):
    left = {name: value for name, value in os.environ.items() if name != "FOREWORD_CONFIG"}
    return left | {"XDG_DATA_HOME": str(folder)}


class Program:
    """One that runs until it is stopped, and says where it listens."""

    def __init__(self, binary, folder, name, arguments, announcement):
        self._log = folder / f"{name}.log"
        with open(self._log, "w", encoding="utf-8") as log:
            self._process = subprocess.Popen([binary, *arguments], stdout=log, stderr=log,
                                             stdin=subprocess.DEVNULL, env=_environment(folder))
        self.urls = self._announced(announcement)

    def _announced(self, announcement):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            said = self._log.read_text(encoding="utf-8")
            if found := re.search(announcement, said, re.MULTILINE):
                return found.groups()
            if self._process.poll() is not None:
                raise RuntimeError(f"it ended by itself and said: {said}")
            time.sleep(0.01)
        raise RuntimeError(f"it did not listen within {START_SECONDS} s")

    def kill(self):
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self):
        self._process.terminate()
        self._process.wait()


def start_simulator(binary, folder):
    return Program(binary, folder, "simulate", ["simulate", "--listen", "127.0.0.1:0"],
                   r"^foreword simulate: listening on (http:\S+)$")


class Proxy:
    """Starts again at the same ports, on the same store."""

    def __init__(self, binary, folder, simulator, provider):
        self._binary, self._folder = binary, folder
        self._store = folder / "store"
        self._settings = {f"upstream.{name}.base_url": simulator
                          for name in ("anthropic", "openai", "gemini")}
        for name in ("anthropic", "openai", "gemini"):
            self._settings[f"upstream.made-{name}.provider"] = name
            self._settings[f"upstream.made-{name}.base_url"] = f"http://127.0.0.1:{provider}"
        self._settings["store.path"] = self._store
        # No request waits for another one's write longer than the test has time for.
        self._settings["proxy.gate_max_wait_ms"] = 1_000
        self._listen = ("127.0.0.1:0", "127.0.0.1:0")
        self.start()

    def start(self):
        settings = self._settings | {"proxy.listen": self._listen[0],
                                     "admin.listen": self._listen[1]}
        sets = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        self._program = Program(self._binary, self._folder, "serve", ["serve", *sets],
                                r"^foreword serve: proxy http://(\S+) admin http://(\S+)$")
        self._listen = self._program.urls

    @property
    def port(self):
        return int(self._listen[0].rsplit(":", 1)[1])

    def kill(self):
        self._program.kill()

    def stop(self):
        self._program.stop()

    def admin(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://{self._listen[1]}{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def _command(self, *arguments):
        """Of a store that nobody serves."""
        command = [self._binary, *arguments, "--data", str(self._store)]
        done = subprocess.run(command, capture_output=True, check=False, timeout=300,
                              env=_environment(self._folder))
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stderr.decode()}")
        return done.stdout

    def stored_rows(self):
        lines = self._command("ledger", "export", "--format", "jsonl").splitlines()
        return [json.loads(line) for line in lines]

    def stored_savings(self, by):
        return json.loads(self._command("savings", "--json", "--by", by))
