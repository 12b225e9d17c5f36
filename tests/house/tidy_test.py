"""Specification of tools/tidy.py: good and bad snippets for each rule."""

import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import tidy  # noqa: E402


def found(name, text):
    return [rule for _, rule in tidy.check_text(name, textwrap.dedent(text))]


class CoAwait(unittest.TestCase):
    """Snippets stand in a coroutine's body, so that braces around them are those of a function."""

    def check(self, body):
        text = "Task<void> run(int a) {\n" + textwrap.dedent(body) + "\n}\n"
        return tidy.check_coroutines(text)

    def allows(self, body):
        self.assertEqual(self.check(body), [])

    def refuses(self, body, words):
        problems = self.check(body)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(words, problems[0][1])

    # What is fine.

    def test_names_moves_calls_and_literals_are_fine(self):
        self.allows('co_await write(socket, std::move(head), 5, "text {?}", \'{\');')
        self.allows("const auto n = co_await read(a) + co_await read(b);")
        self.allows("co_return co_await next();")

    def test_a_value_named_on_the_line_above_is_fine(self):
        self.allows("Request request{1, name};\nco_await send(std::move(request));")
        self.allows("auto work = [p] { return *p; };\nco_await run(work);")
        self.allows("const auto wait = long_one ? 5 : 1;\nco_await sleep(wait);")

    def test_braces_of_statements_around_it_are_fine(self):
        self.allows("if (a) { co_await f(); } else { co_await g(); }")
        self.allows("if (auto [ec, n] = co_await f(); !ec) { g(n); }")
        self.allows("for (auto x : co_await f()) { g(x); }")
        self.allows("while (co_await more()) { g(); }")
        self.allows("switch (co_await f()) { case 1: { co_await g(); break; } default: {} }")
        self.allows("try { co_await f(); } catch (const Error& e) { g(); }")
        self.allows("do { co_await f(); } while (a);")
        self.allows("if constexpr (kFast) { co_await f(); }")

    def test_a_condition_belongs_to_another_expression(self):
        self.allows("if (a ? b : c) co_await f();")
        self.allows("for (auto x : {1, 2}) co_await f(x);")

    def test_a_return_of_an_aggregate_without_co_await_is_fine(self):
        self.allows("co_await f();\nco_return Answer{1, 2};")

    def test_a_lambda_that_captures_references_is_fine(self):
        self.allows("co_await f([&] { return 1; });")
        self.allows("co_await f([&a, this](int x) -> bool { return x > a; });")
        self.allows("co_await f([](int x) { return x; });")

    def test_what_stands_in_a_lambdas_body_is_its_own_business(self):
        self.allows("co_await f([&] { return a ? Pair{1, 2} : g(); });")
        self.allows("spawn([state] { return Pair{1, 2}; });")

    def test_an_owning_lambda_with_co_await_only_inside_is_fine(self):
        self.allows("co_spawn(ex, [s = std::move(s)]() -> Task<void> { co_await s->f(); }, h);")

    def test_strings_and_comments_do_not_confuse_it(self):
        self.allows('co_await f("a ? b : {c}" /* ? { */);  // {?')
        self.allows('co_await f(R"x({"a": ?})x");')
        self.allows("// co_await f({1});")
        self.allows('log("co_await f({1})");')
        self.allows("co_await f(1'000'000, '\\'');")

    def test_members_with_specifiers_have_bodies_and_not_values(self):
        text = """
            struct Session final : Base<int> {
              Session() : a_(1), b_{2} { start(); }
              Task<void> one() const noexcept override { co_await f(); }
              auto two() -> Task<std::optional<int>> { co_return co_await f(); }
              Task<void> three() && { co_await f(); }
              template <class T> Task<void> four(T x) noexcept(true) { co_await f(x); }
            };
            namespace a::b { enum class E : int { x }; Task<void> g() { co_await f(); } }
            """
        self.assertEqual(tidy.check_coroutines(text), [])

    # What g++ 12 miscompiles.

    def test_a_braced_aggregate_is_refused(self):
        self.refuses("co_await f(Request{name, 1});", "no {")
        self.refuses("co_await f({.size = 1});", "no {")
        self.refuses('co_await f({"a", "b"});', "no {")
        self.refuses("co_await f(std::vector<int>{});", "no {")
        self.refuses("const auto x = co_await f(a, g(h({})));", "no {")

    def test_a_brace_before_the_co_await_is_refused(self):
        self.refuses("f(Request{1}, co_await g());", "no {")
        self.refuses("Pair{1, 2} == co_await g();", "no {")

    def test_a_brace_around_the_co_await_is_refused(self):
        self.refuses("co_return Answer{co_await f()};", "no {")
        self.refuses("auto x = Pair{1, co_await f()};", "no {")
        self.refuses("auto x{co_await f()};", "no {")

    def test_a_brace_in_a_condition_with_co_await_is_refused(self):
        self.refuses("if (co_await f({1})) { g(); }", "no {")
        self.refuses("while (co_await f(Limit{1})) g();", "no {")

    def test_an_expression_over_many_lines_is_one(self):
        self.refuses("co_await f(\n    a,\n    Request{\n        1});", "no {")

    def test_an_owning_lambda_is_refused(self):
        self.refuses("co_await f([p] { return *p; });", "owns")
        self.refuses("co_await f([s = std::move(s)]() mutable { g(s); });", "owns")
        self.refuses("co_await f([=] { return a; });", "owns")
        self.refuses("co_await f([*this] { return 1; });", "owns")
        self.refuses("co_await f([&a, b] { return b; });", "owns")
        self.refuses("co_await f([p]<class T>(T x) { return p(x); });", "owns")

    def test_a_spawned_lambda_that_owns_is_refused_under_co_await(self):
        self.refuses("co_await co_spawn(ex, [s = std::move(s)] { return s->run(); }, tok);", "owns")

    def test_a_spawned_lambda_beside_a_co_await_is_refused(self):
        self.refuses(
            "co_spawn(strand(co_await executor), [s]() -> Task<void> { co_await s->f(); }, h);",
            "owns",
        )

    def test_a_conditional_is_refused(self):
        self.refuses("auto x = a ? co_await f() : 1;", "no ?:")
        self.refuses("co_await f(a ? 1 : 2);", "no ?:")

    def test_a_co_await_inside_of_a_lambda_is_checked_too(self):
        self.refuses("spawn([&]() -> Task<void> { co_await f({1}); });", "no {")

    def test_the_line_is_that_of_the_brace(self):
        problems = tidy.check_coroutines("Task<void> run() {\n  co_await f(a,\n    Pair{1});\n}\n")
        self.assertEqual([line for line, _ in problems], [3])


class Detached(unittest.TestCase):
    def test_is_refused(self):
        self.assertIn("detached", found("a.cc", "co_spawn(ex, run(), asio::detached);\n")[0])

    def test_is_a_word_and_not_a_part_of_one_nor_a_comment(self):
        self.assertEqual(found("a.cc", '// detached\nbool is_detached = f("detached");\n'), [])


class Lines(unittest.TestCase):
    def test_end_at_column_100(self):
        self.assertEqual(found("a.cc", "x" * 100 + "\n"), [])
        self.assertEqual(found("a.cc", "x" * 101 + "\n"), ["longer than 100 columns"])

    def test_are_counted_in_characters(self):
        self.assertEqual(found("a.cc", "// " + "\u00fc" * 97 + "\n"), [])

    def test_hold_no_tab(self):
        self.assertEqual(found("a.cc", "f();\t// x\n"), ["a tab: use spaces"])

    def test_hold_no_control_character(self):
        for control in ("\r", "\x00", "\x1b", "\x7f", "\u202e"):
            self.assertIn("a control character", found("a.cc", f"f();{control}\n")[0])

    def test_hold_no_space_at_their_end(self):
        self.assertEqual(found("a.py", "f() \n"), ["space at the end of the line"])

    def test_hold_no_leftover(self):
        for word in ("TO" + "DO", "FIX" + "ME", "XX" + "X"):
            self.assertEqual(len(found("a.cc", f"// {word}: later\n")), 1)
        self.assertEqual(found("a.cc", 'mkdtemp("name_XXXXXX");\n'), [])


class Files(unittest.TestCase):
    def test_end_at_line_500(self):
        self.assertEqual(found("a.cc", "f();\n" * 500), [])
        self.assertEqual(found("a.cc", "f();\n" * 501), ["more than 500 lines: split the file"])


class Headers(unittest.TestCase):
    def test_open_with_a_comment_and_pragma_once(self):
        self.assertEqual(found("a.h", "// What it is.\n#pragma once\nint f();\n"), [])

    def test_without_a_comment_are_refused(self):
        self.assertIn("opens with a comment", found("a.h", "#pragma once\nint f();\n")[0])

    def test_without_pragma_once_are_refused(self):
        text = '// What it is.\n// #pragma once\nauto s = "#pragma once";\n'
        self.assertEqual(found("a.h", text), ["a header has #pragma once"])

    def test_with_a_using_namespace_are_refused(self):
        text = "// What it is.\n#pragma once\nusing  namespace std;\n"
        self.assertEqual(found("a.h", text), ["no using namespace in a header"])

    def test_may_name_one_thing(self):
        text = "// No using namespace here.\n#pragma once\nusing std::string;\nnamespace a {}\n"
        self.assertEqual(found("a.h", text), [])

    def test_rules_are_not_for_sources(self):
        self.assertEqual(found("a.cc", "using namespace std::chrono_literals;\n"), [])


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, name, data):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def status(self):
        return tidy.main([str(self.root)])

    def test_that_is_tidy_passes(self):
        self.write("proxy/a.cc", b"int f();\n")
        self.assertEqual(self.status(), 0)

    def test_with_one_untidy_file_fails(self):
        self.write("proxy/a.cc", b"int f(); \n")
        self.assertEqual(self.status(), 1)

    def test_with_windows_line_ends_fails(self):
        self.write("proxy/a.cc", b"int f();\r\n")
        self.assertEqual(self.status(), 1)

    def test_with_a_file_that_is_not_utf_8_fails(self):
        self.write("proxy/a.cc", b"// \xff\n")
        self.assertEqual(self.status(), 1)

    def test_without_sources_fails_rather_than_passing_unseen(self):
        self.assertEqual(self.status(), 1)

    def test_leaves_built_and_fetched_files_alone(self):
        self.write("proxy/a.cc", b"int f();\n")
        self.write("tests/sdk/node_modules/x/index.js", b"f();\t\n")
        self.assertEqual(self.status(), 0)


if __name__ == "__main__":
    unittest.main()
