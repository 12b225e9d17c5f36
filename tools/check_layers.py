#!/usr/bin/env python3
"""Who may include whom, checked on every #include line of the tree.

    config <- assembler <- proxy        config <- cache <- proxy <- tools     ("is included by")

CMake's include roots stop a folder from seeing another one of ours, but Debian puts the headers of
Boost, RocksDB and the rest where every target sees them. This reads the lines instead, prints
file:line: rule for each that breaks the law, and exits 1 if there is one.

    check_layers.py [ROOT]
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("config", "assembler", "cache", "proxy", "tools", "tests")
SUFFIXES = {".h", ".cc", ".cpp", ".hpp", ".in"}

# Folder -> our own folders that it may include.
MAY_INCLUDE = {
    "config": {"config"},
    "assembler": {"config", "assembler"},
    "cache": {"config", "cache"},
    "proxy": {"config", "assembler", "cache", "proxy"},
    "tools": {"config", "assembler", "cache", "proxy", "tools"},
    "tests": set(FOLDERS) | {"support"},
}

# The simulator is the second opinion that tests judge by: it must not share what it judges.
SIMULATOR = "tools/simulator"
SIMULATOR_NEVER = {"assembler", "cache"}


@dataclass(frozen=True)
class Library:
    """A third-party library, by how its includes start; the first match in LIBRARIES decides."""

    name: str
    start: str
    anywhere: frozenset = frozenset()  # folders that may include it in any file
    sources: frozenset = frozenset()  # folders that may include it, but not in a public header
    files: tuple = ()  # single files, or folders with a '/' at their end, that may include it
    hint: str = ""


def library(name, starts, anywhere="", sources="", files="", hint=""):
    return [
        Library(
            name,
            start,
            frozenset(anywhere.split()),
            frozenset(sources.split()),
            tuple(files.split()),
            hint,
        )
        for start in starts.split()
    ]


OUTER = "proxy tools tests"
# The sockets of the proxy come through these, so that few files pay for compiling Beast.
NET_HEADERS = "proxy/net.h proxy/beast.h"

LIBRARIES = [
    *library("Boost.System's result", "boost/system/result.hpp", anywhere=" ".join(FOLDERS)),
    *library("Boost.System", "boost/system", anywhere=OUTER, sources="config assembler cache"),
    *library("Boost.JSON", "boost/json", anywhere=OUTER, sources="config assembler"),
    # What lies on the disk is sealed where it is written.
    *library(
        "libcrypto",
        "openssl/crypto.h openssl/evp.h openssl/hmac.h openssl/rand.h",
        anywhere="tools tests",
        sources="cache",
        files=NET_HEADERS,
        hint="; in proxy it comes through proxy/net.h",
    ),
    *library(
        "Asio, Beast and OpenSSL",
        "boost/asio boost/beast openssl/",
        anywhere="tools tests",
        files=NET_HEADERS,
        hint="; in proxy they come through proxy/net.h",
    ),
    *library("Boost's flat hash maps", "boost/unordered/", anywhere=OUTER + " cache"),
    *library("other Boost libraries", "boost/", anywhere=OUTER),
    *library("toml++", "toml++/", sources="config"),
    *library("xxHash", "xxhash.h xxh_x86dispatch.h", anywhere="tools tests", sources="config"),
    *library("simdjson", "simdjson.h", anywhere=OUTER, sources="assembler"),
    *library("utf8proc", "utf8proc.h", anywhere=OUTER, sources="assembler"),
    *library("RocksDB", "rocksdb/", sources="cache", files="tests/unit/cache/"),
    *library("protobuf", "google/protobuf/", sources="cache"),
    *library("spdlog and fmt", "spdlog/ fmt/", anywhere=OUTER),
    *library("zlib", "zlib.h", anywhere=OUTER, sources="cache"),
    *library("CLI11", "CLI/", anywhere="tools"),
    *library("libcsv", "csv.h", files="tools/csv_reader.cc"),
    *library("prometheus-cpp", "prometheus/", sources="proxy"),
    # Parsers of what others wrote run in foreword-extract, never in foreword itself.
    *library(
        "libxml2, poppler, libzip and pugixml",
        "libxml/ poppler- zip.h pugixml.hpp",
        files="tools/extract/ tests/unit/tools/",
    ),
    *library("GoogleTest", "gtest/ gmock/", anywhere="tests"),
    *library("Google Benchmark", "benchmark/", anywhere="tools tests"),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]*)"|<([^>]*)>|(\S.*))')


def blank_comments(text):
    """Comments and raw strings as spaces, so that an #include in one is none. Lines stay lines."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"([^()\\\s]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"', re.DOTALL
    )

    def blank(match):
        piece = match.group()
        if piece.startswith('"'):
            return piece
        return re.sub(r"[^\n]", " ", piece)

    return pattern.sub(blank, text)


def is_public_header(path, private):
    return not path.endswith((".cc", ".cc.in")) and path not in private


def check_own(path, folder, target, private):
    """The rule that an include of one of our folders breaks, or None."""
    name = target.split("/")[0]
    if path.startswith(SIMULATOR + "/") and name in SIMULATOR_NEVER:
        return f"the simulator must not include {name}/: it is the second opinion on it"
    if name not in MAY_INCLUDE[folder]:
        return f"{folder}/ must not include {name}/"
    if target in private and (name != folder or is_public_header(path, private)):
        return f"{target} is private to the sources of {name}/: its CMakeLists.txt does not list it"
    return None


def check_library(path, folder, target, private):
    """The rule that an include of a library breaks, or None."""
    entry = next((entry for entry in LIBRARIES if target.startswith(entry.start)), None)
    if entry is None:
        # No '/' and no suffix: the standard library. What else is left is POSIX or generated.
        return None
    if folder in entry.anywhere or any(
        path == file or (file.endswith("/") and path.startswith(file)) for file in entry.files
    ):
        return None
    if folder in entry.sources:
        if not is_public_header(path, private):
            return None
        return f"{entry.name} may show in no public header of {folder}/"
    return f"{folder}/ must not include {entry.name}{entry.hint}"


def check_include(path, target, quoted, private):
    folder = path.split("/")[0]
    if ".." in target.split("/"):
        return "no '../' in an include: start at the folder's name"
    if quoted and target.split("/")[0] in FOLDERS:
        return check_own(path, folder, target, private)
    if target.endswith(".pb.h"):
        if folder != "cache":
            return f"{folder}/ must not include protobuf records: they belong to cache/"
        if is_public_header(path, private):
            return "protobuf records may show in no public header of cache/"
    return check_library(path, folder, target, private)


def check_text(path, text, private=frozenset()):
    """Each (line, rule) that `text`, standing at `path` under the root, breaks.

    `private` holds the headers that no CMakeLists.txt lists: only their folder's sources see them.
    """
    problems = []
    for number, line in enumerate(blank_comments(text).split("\n"), start=1):
        match = INCLUDE.match(line)
        if match is None:
            continue
        quoted, angled, other = match.groups()
        if other is not None:
            problems.append((number, "an include names its file, not a macro"))
            continue
        rule = check_include(path, quoted or angled or "", quoted is not None, private)
        if rule is not None:
            problems.append((number, rule))
    return problems


def listed_headers(cmake):
    """The files under HEADERS in a folder's call of foreword_module."""
    call = re.search(r"foreword_module\((.*?)\)", re.sub(r"#[^\n]*", "", cmake), re.DOTALL)
    listed = set()
    taking = False
    for word in call.group(1).split() if call else []:
        if word.isupper():
            taking = word == "HEADERS"
        elif taking:
            listed.add(word)
    return listed


def private_headers(root):
    private = set()
    for folder in ("config", "assembler", "cache", "proxy"):
        cmake = root / folder / "CMakeLists.txt"
        listed = listed_headers(cmake.read_text(encoding="utf-8")) if cmake.is_file() else set()
        for header in (root / folder).glob("*.h"):
            if header.name not in listed:
                private.add(f"{folder}/{header.name}")
    return frozenset(private)


def source_files(root):
    """All C++ files under our folders; folders that were built or fetched are not ours."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            parts = path.relative_to(root).parts
            fetched = "build" in parts or "node_modules" in parts
            if path.suffix in SUFFIXES and path.is_file() and not fetched:
                yield path


def main(arguments):
    root = Path(arguments[0] if arguments else ".").resolve()
    private = private_headers(root)
    count = 0
    problems = 0
    for path in source_files(root):
        count += 1
        name = path.relative_to(root).as_posix()
        # The one place that compiles Boost is build code; it has no layer.
        if name.startswith("tools/cmake/"):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for line, rule in check_text(name, text, private):
            print(f"{name}:{line}: {rule}")
            problems += 1
    if count == 0:
        print(f"{root}: no source files here; give the repository's root")
        return 1
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
