#!/usr/bin/env python3
"""House rules that neither the compiler nor clang-format checks.

Prints file:line: rule for each line that breaks one and exits 1 if there is one.

    tidy.py [ROOT]

The dangerous one is the co_await rule. g++ 12 miscompiles temporaries that live across a co_await:
a braced aggregate, a lambda that owns what it captures, or a conditional in the same full
expression is destroyed twice or too early. So a full expression that contains co_await holds only
names, std::move, calls and literals. What is more complicated gets a name on the line above.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("config", "assembler", "cache", "proxy", "tools", "tests")
HEADERS = {".h", ".hpp"}
CPP = HEADERS | {".cc", ".cpp"}
TEXTS = CPP | {".py", ".cmake", ".proto", ".toml", ".sh", ".js", ".mjs", ".ts", ".css"}

MAX_FILE_LINES = 500
MAX_LINE_COLUMNS = 100
# In two halves, so that this file does not trip over its own rule.
LEFTOVERS = re.compile(r"\b(" + "|".join(("FIX" + "ME", "TO" + "DO", "XX" + "X")) + r")\b")
# ASCII controls, and the bidirectional ones that make code read differently from what it does.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")

# --- lines and files --------------------------------------------------------------------------


def check_lines(text):
    """Each (line, rule) about characters and lengths, for any kind of source."""
    problems = []
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if len(line) > MAX_LINE_COLUMNS:
            problems.append((number, f"longer than {MAX_LINE_COLUMNS} columns"))
        if "\t" in line:
            problems.append((number, "a tab: use spaces"))
        if CONTROLS.search(line):
            problems.append((number, "a control character: write it as an escape"))
        if line.endswith(" "):
            problems.append((number, "space at the end of the line"))
        leftover = LEFTOVERS.search(line)
        if leftover:
            problems.append((number, f"{leftover.group()} left over: finish it or file it"))
    count = len(lines) - (lines[-1] == "")
    if count > MAX_FILE_LINES:
        problems.append((MAX_FILE_LINES + 1, f"more than {MAX_FILE_LINES} lines: split the file"))
    return problems


def check_header(text):
    problems = []
    if not text.startswith(("//", "/*")):
        problems.append((1, "a header opens with a comment: what it is, who owns, which thread"))
    tokens = tokenise(text)
    if not any(token.text == "#pragma once" for token in tokens):
        problems.append((1, "a header has #pragma once"))
    for token, following in zip(tokens, tokens[1:]):
        if token.text == "using" and following.text == "namespace":
            problems.append((token.line, "no using namespace in a header"))
    return problems


# --- C++ tokens -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Token:
    text: str  # literals are reduced to their quotes
    line: int


TOKENS = re.compile(
    r"""
      (?P<skip>   //(?:\\\n|[^\n])* | /\*.*?\*/ | \s+ | \\\n )
    | (?P<pragma> ^[ \t]*\#[ \t]*pragma[ \t]+once\b )
    | (?P<hash>   ^[ \t]*\#(?:\\\n|/\*.*?\*/|(?!//)[^\n])* )
    | (?P<raw>    (?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)" )
    | (?P<string> (?:u8|[uUL])?"(?:\\.|[^"\\\n])*" )
    | (?P<number> \.?\d(?:'[0-9a-zA-Z]|[eEpP][+-]|[\w.])* )
    | (?P<char>   (?:u8|[uUL])?'(?:\\.|[^'\\\n])+' )
    | (?P<word>   [A-Za-z_]\w* )
    | (?P<sign>   -> | :: | . )
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def tokenise(text):
    """Words, signs and literals with their lines; comments and other # lines are left out."""
    tokens = []
    line = 1
    for match in TOKENS.finditer(text):
        kind = match.lastgroup
        piece = match.group()
        if kind == "pragma":
            tokens.append(Token("#pragma once", line))
        elif match.group("raw") or kind in ("string", "char"):
            tokens.append(Token('""', line))
        elif kind not in ("skip", "hash"):
            tokens.append(Token(piece, line))
        line += piece.count("\n")
    return tokens


# --- the co_await rule ------------------------------------------------------------------------

CLOSING = {")": "(", "]": "[", "}": "{"}
CONTROL = {"if", "while", "for", "switch", "catch", "constexpr"}
# What may stand between a parameter list and the body.
SPECIFIERS = {"const", "volatile", "noexcept", "override", "final", "mutable", "constexpr", "&"}
TYPE_SIGNS = {"::", "<", ">", "*", "&", ",", '""'}
DEFINITIONS = {"namespace", "struct", "class", "enum", "union"}
WORD = re.compile(r"[A-Za-z_]\w*\Z")

BLOCK, LAMBDA, VALUE = "block", "lambda", "value"


class Source:
    """Tokens with the partner of every bracket and the kind of every brace."""

    def __init__(self, text):
        self.tokens = [t.text for t in tokenise(text) if t.text != "#pragma once"]
        self.lines = [t.line for t in tokenise(text) if t.text != "#pragma once"]
        self.partner = {}
        self.kind = {}  # index of "{" -> BLOCK, LAMBDA or VALUE
        self.captures = {}  # index of a lambda's "{" -> index of its "["
        self._match()

    def _match(self):
        stack = []
        for index, token in enumerate(self.tokens):
            if token in CLOSING.values():
                if token == "{":
                    self._classify(index, stack)
                stack.append(index)
            elif token in CLOSING and stack and self.tokens[stack[-1]] == CLOSING[token]:
                opening = stack.pop()
                self.partner[opening] = index
                self.partner[index] = opening

    def _at(self, index):
        return self.tokens[index] if 0 <= index < len(self.tokens) else ""

    def _classify(self, index, stack):
        """Is the brace at `index` a block of statements, a lambda's body, or part of a value?"""
        introducer = self._lambda_introducer(index)
        if introducer is not None:
            self.kind[index] = LAMBDA
            self.captures[index] = introducer
            return
        inside = self._at(stack[-1]) if stack else ""
        in_value = inside in ("(", "[") or (inside == "{" and self.kind[stack[-1]] == VALUE)
        if in_value:
            self.kind[index] = VALUE
        elif self._ends_signature(index) or self._begins_statement(index):
            self.kind[index] = BLOCK
        else:
            self.kind[index] = VALUE

    def _before_specifiers(self, index):
        """The index of what stands before `-> Type`, `const`, `noexcept(...)` and the like."""
        at = index - 1
        while WORD.match(self._at(at)) or self._at(at) in TYPE_SIGNS:
            at -= 1
        at = at - 1 if self._at(at) == "->" else index - 1
        while True:
            if self._at(at) in SPECIFIERS:
                at -= 1
            elif self._at(at) == ")" and self._at(self.partner.get(at, 0) - 1) == "noexcept":
                at = self.partner[at] - 2
            else:
                return at

    def _lambda_introducer(self, index):
        at = self._before_specifiers(index)
        if self._at(at) == ")":
            at = self.partner.get(at, 0) - 1
        if self._at(at) == ">":  # []<class T>(...)
            depth = 0
            while at >= 0 and (depth > 0 or self._at(at) == ">"):
                depth += {">": 1, "<": -1}.get(self._at(at), 0)
                at -= 1
                if depth == 0:
                    break
        if self._at(at) != "]" or at not in self.partner:
            return None
        opening = self.partner[at]
        before = self._at(opening - 1)
        indexing = before in (")", "]", '""') or (
            WORD.match(before) and before not in ("return", "co_await", "co_return", "co_yield")
        )
        return None if indexing or before == "[" else opening

    def _ends_signature(self, index):
        return self._at(self._before_specifiers(index)) == ")"

    def _begins_statement(self, index):
        before = self._at(index - 1)
        if before in ("", ";", "{", "}", ":", "else", "do", "try", '""'):
            return True
        # A definition: `struct X : Y {`, `enum class X : int {`, `namespace x {`.
        at = index - 1
        while at >= 0 and self._at(at) not in (";", "{", "}", "(", ")", "="):
            if self._at(at) in DEFINITIONS:
                return True
            at -= 1
        return False

    def _is_control(self, opening):
        """Whether the parenthesis is that of an if, for or while: an expression of its own."""
        return self._at(opening) == "(" and self._at(opening - 1) in CONTROL

    def _left_end(self, index):
        at = index - 1
        while at >= 0:
            token = self._at(at)
            if token == ";":
                break
            if token in CLOSING:
                opening = self.partner.get(at)
                if opening is None or self._is_control(opening):
                    break
                if token == "}" and self.kind[opening] == BLOCK:
                    break
                at = opening
            elif token == "{" and self.kind[at] != VALUE:
                break
            elif self._is_control(at):
                break
            at -= 1
        return at + 1

    def _right_end(self, index):
        at = index + 1
        while at < len(self.tokens):
            token = self._at(at)
            if token == ";":
                break
            if token in ("(", "[", "{"):
                if token == "{" and self.kind[at] == BLOCK:
                    break
                at = self.partner.get(at, len(self.tokens))
            elif token in CLOSING:
                opening = self.partner.get(at)
                if opening is None or self._is_control(opening):
                    break
                if token == "}" and self.kind[opening] != VALUE:
                    break
            at += 1
        return min(at, len(self.tokens))

    def owns(self, body):
        """Whether the lambda captures anything but references and `this`."""
        opening = self.captures[body]
        capture = self.tokens[opening + 1 : self.partner[opening]]
        depth = 0
        start = True
        for token in capture:
            if start and depth == 0 and token not in ("&", "this"):
                return True
            depth += (token in "([{") - (token in ")]}")
            start = token == "," and depth == 0
        return False

    def expression_problems(self, index):
        """What is wrong in the full expression around the co_await at `index`."""
        at, end = self._left_end(index), self._right_end(index)
        while at < end:
            token = self._at(at)
            if token == "?":
                yield self.lines[at], "no ?: in an expression with co_await: name it above"
            elif token == "{" and self.kind[at] == LAMBDA:
                if self.owns(at):
                    yield (
                        self.lines[self.captures[at]],
                        "no lambda that owns its captures in an expression with co_await: "
                        "name it above",
                    )
                at = self.partner.get(at, end)  # its body has expressions of its own
            elif token == "{":
                yield self.lines[at], "no { in an expression with co_await: name the value above"
            at += 1


def check_coroutines(text):
    source = Source(text)
    problems = set()
    for index, token in enumerate(source.tokens):
        if token == "co_await":
            problems.update(source.expression_problems(index))
        elif token == "detached":
            problems.add(
                (source.lines[index], "nothing runs detached: a parent waits for each task")
            )
    return sorted(problems)


# --- the tree ---------------------------------------------------------------------------------


def check_text(name, text):
    """Each (line, rule) that the file breaks, by line."""
    suffix = Path(name).suffix
    problems = check_lines(text)
    if suffix in HEADERS:
        problems += check_header(text)
    if suffix in CPP:
        problems += check_coroutines(text)
    return sorted(problems)


def source_files(root):
    found = sorted(root.glob("*"))
    for folder in FOLDERS:
        found += sorted((root / folder).rglob("*"))
    for path in found:
        parts = path.relative_to(root).parts
        if "build" in parts or "node_modules" in parts or not path.is_file():
            continue
        if path.suffix in TEXTS or path.name == "CMakeLists.txt":
            yield path


def main(arguments):
    root = Path(arguments[0] if arguments else ".").resolve()
    count = 0
    problems = 0
    for path in source_files(root):
        count += 1
        name = path.relative_to(root).as_posix()
        try:
            # newline="" keeps a carriage return for the rule that refuses it.
            with open(path, encoding="utf-8", newline="") as stream:
                found = check_text(name, stream.read())
        except UnicodeDecodeError:
            found = [(1, "not UTF-8")]
        for line, rule in found:
            print(f"{name}:{line}: {rule}")
            problems += 1
    if count == 0:
        print(f"{root}: no source files here; give the repository's root")
        return 1
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
