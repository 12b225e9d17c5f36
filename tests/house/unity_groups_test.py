"""Specification of tools/cmake/unity_groups.py: which files may be compiled as one."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools" / "cmake"))
import unity_groups  # noqa: E402


def unnamed(code):
    return "namespace {\n\n" + code + "\n\n}  // namespace\n"


class Groups(unittest.TestCase):
    def groups(self, **sources):
        """Names of files, by group. A name that ends in _h is a header's."""
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name, text in sources.items():
                (root / file_of(name)).write_text(text, encoding="utf-8")
            files = [root / file_of(name) for name in sources if not name.endswith("_h")]
            return [[file.stem for file in group] for group in unity_groups.groups_of(files, root)]

    def together(self, **sources):
        self.assertEqual(len(self.groups(**sources)), 1)

    def apart(self, **sources):
        self.assertEqual(len(self.groups(**sources)), 2)

    def test_files_that_have_nothing_in_common_go_together(self):
        self.together(a=unnamed("int one() {\n  return 1;\n}"), b=unnamed("int two = 2;"))

    def test_what_both_declare_keeps_them_apart(self):
        self.apart(a=unnamed("int one() {\n  return 1;\n}"), b=unnamed("long one(long x);"))
        self.apart(a=unnamed("constexpr int kOne = 1;"), b=unnamed("constexpr int kOne{2};"))
        self.apart(a=unnamed("struct One {\n};"), b=unnamed("using One = int;"))
        self.apart(a=unnamed("enum class One { a };"), b=unnamed("class One;"))
        self.apart(a=unnamed("template <class T>\nT one();"), b=unnamed("int one();"))

    def test_a_name_on_the_line_after_its_type_counts(self):
        self.apart(a=unnamed("std::map<std::string, int>\n    one = {};"), b="int x = one();\n")

    def test_one_function_of_several_in_the_namespace_is_enough(self):
        code = "int zero() {\n  return 0;\n}\n\nint one() {\n  return 1;\n}"
        self.apart(a=unnamed(code), b=unnamed("int one();"))

    def test_what_the_other_one_mentions_keeps_them_apart(self):
        declares = unnamed("int one() {\n  return 1;\n}")
        self.apart(a=declares, b="int two() {\n  return one() + 1;\n}\n")
        self.apart(a="int two() {\n  int one = 2;\n  return one;\n}\n", b=declares)

    def test_members_and_names_of_other_namespaces_are_not_meant(self):
        declares = unnamed("int one() {\n  return 1;\n}")
        self.together(a=declares, b="int x = y.one() + z->one() + other::one();\n")

    def test_comments_and_texts_are_not_meant(self):
        declares = unnamed("int one() {\n  return 1;\n}")
        self.together(a=declares, b='// one\nconst char* x = "one";\n')
        self.together(a=declares, b='const char* x = R"(\n"one" // one)";\n')

    def test_local_names_are_not_declared_for_the_file(self):
        code = "int a() {\n  int one = 1;\n  return one;\n}"
        self.together(a=unnamed(code), b="int b() {\n  int one = 1;\n  return one;\n}\n")

    def test_what_only_the_other_ones_header_declares_keeps_them_apart(self):
        header = "#pragma once\nint one(int x);\n"
        self.apart(x_h=header, a='#include "x.h"\n', b=unnamed("int one(int x);"))
        self.apart(
            x_h=header,
            y_h='#pragma once\n#include "x.h"\n',
            a='#include "y.h"\n',
            b=unnamed("int one(int x);"),
        )

    def test_a_header_that_both_include_does_not(self):
        header = "#pragma once\nint one(int x);\n"
        include = '#include "x.h"\n'
        self.together(x_h=header, a=include, b=include + unnamed("int one(long x);"))

    def test_macros_of_tests_are_no_names(self):
        self.together(a=unnamed("TEST(A, B) {\n}"), b=unnamed("TEST(C, D) {\n}"))

    def test_a_third_file_goes_where_it_fits(self):
        one = unnamed("int one();")
        self.assertEqual(
            self.groups(a=one, b=one, c=unnamed("int two();")), [["a", "c"], ["b"]]
        )

    def test_groups_are_bounded(self):
        long = "\n" * (unity_groups.MAX_LINES // 2 + 1)
        self.apart(a=long, b=long)


def file_of(name):
    return name.removesuffix("_h") + (".h" if name.endswith("_h") else ".cc")


if __name__ == "__main__":
    unittest.main()
