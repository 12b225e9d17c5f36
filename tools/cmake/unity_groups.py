#!/usr/bin/env python3
"""Which files of a target may be compiled as one, for unity.cmake.

    unity_groups.py ROOT LIST      LIST has a line "TARGET FILE" for each; prints CMake commands

What a file declares for itself alone, in an unnamed namespace, would be seen by the files that
stand behind it in one unit, and could take the place of what they mean by the same name. So two
files get into one group only if neither so much as mentions a name that the other declares there,
nor includes a header that declares it. No name in the sources has to be chosen with its neighbours
in mind.
"""

import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

# A compiler's memory and the cores that wait for the last group set the bound.
MAX_LINES = 2500

RAW_STRING = re.compile(r'R"(\w*)\(.*?\)\1"', re.S)
STRING_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', re.S)
INCLUDE = re.compile(r'^#include "([^"]+)"', re.M)
# clang-format puts the comment there.
UNNAMED_NAMESPACE = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.S | re.M)
# Not members, and not names that say which namespace they are from.
MENTIONED = re.compile(r"(?<![\w.:>])[A-Za-z_]\w*")
TYPE = re.compile(r"(?:class|struct|enum class|enum|union) (\w+)|using (\w+) =")
# A name before what follows a declared name: also that of a parameter with a default, for instance,
# which costs nothing but a neighbour.
DECLARED = re.compile(r"\b(\w+)\s*(?=[({=;\[])")
TEST_MACRO = re.compile(r"(?:TEST|TEST_F|TEST_P|INSTANTIATE_TEST_SUITE_P)\(")


def without_texts(source):
    """The code alone: no comments, and strings empty."""
    source = RAW_STRING.sub('""', source)
    return STRING_OR_COMMENT.sub(lambda found: '""' if found[0][0] == '"' else "", source)


def declared_in(namespace):
    """Names declared at its top level: clang-format leaves these at the beginning of a line."""
    names = set()
    held = ""
    for line in without_texts(namespace).split("\n"):
        if not held and (line[:1] in ("", " ", "}", "#") or line.startswith("namespace ")):
            continue
        line = held + line.strip()
        held = ""
        if not re.search(r"[({=;\[]", line):
            # A name may stand on the line after its type.
            held = line + " "
            continue
        line = re.sub(r"^template <.*?>\s+(?=\w)", "", line)
        found = TYPE.match(line)
        if found:
            names.add(found[1] or found[2])
        elif not TEST_MACRO.match(line):
            names.update(DECLARED.findall(line))
    return names


@cache
def brought_by(header, root):
    """Names that a header of ours declares, by itself and by those it includes."""
    source = header.read_text(encoding="utf-8")
    return declared_in(source) | brought_in(source, header, root)


def brought_in(source, file, root):
    names = set()
    for included in INCLUDE.findall(source):
        for base in (root, root / "tests", root / "tools", file.parent):
            if (base / included).is_file():
                names |= brought_by(base / included, root)
                break
    return names


@dataclass
class Part:
    """A file, or files that are compiled as one."""

    declared: set = field(default_factory=set)
    mentioned: set = field(default_factory=set)
    brought: set = field(default_factory=set)
    lines: int = 0
    files: list = field(default_factory=list)

    def hides_from(self, other):
        """It declares a name for itself that `other` uses or brings."""
        return self.declared & (other.mentioned | other.brought - self.brought)

    def takes(self, other):
        return (
            self.lines + other.lines <= MAX_LINES
            and not self.hides_from(other)
            and not other.hides_from(self)
        )

    def add(self, other):
        self.declared |= other.declared
        self.mentioned |= other.mentioned
        self.brought |= other.brought
        self.lines += other.lines
        self.files += other.files


def read_part(file, root):
    source = file.read_text(encoding="utf-8")
    return Part(
        declared=set().union(*map(declared_in, UNNAMED_NAMESPACE.findall(source))),
        mentioned=set(MENTIONED.findall(without_texts(source))),
        brought=brought_in(source, file, root),
        lines=source.count("\n"),
        files=[file],
    )


def groups_of(files, root):
    """Each file in the first group that takes it."""
    groups = []
    for file in files:
        part = read_part(file, root)
        group = next((group for group in groups if group.takes(part)), None)
        if group is None:
            groups.append(part)
        else:
            group.add(part)
    return [group.files for group in groups]


def commands_for(target, groups):
    yield f"set_target_properties({target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)"
    for number, files in enumerate(groups):
        if len(files) > 1:
            quoted = " ".join(f'"{file}"' for file in files)
            yield (
                f"set_source_files_properties({quoted} TARGET_DIRECTORY {target} "
                f'PROPERTIES UNITY_GROUP "{number}")'
            )


def main(root, list_file):
    targets = defaultdict(list)
    for line in Path(list_file).read_text(encoding="utf-8").splitlines():
        target, file = line.split(" ", 1)
        targets[target].append(Path(file))
    for target, files in targets.items():
        print("\n".join(commands_for(target, groups_of(files, root))))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
