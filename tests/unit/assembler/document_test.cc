#include "assembler/document.h"

#include <gtest/gtest.h>

namespace foreword::assembler {
namespace {

std::string text_of(std::string_view raw) {
  const auto text = normalise_text(raw);
  return text ? *text : "error: " + text.error().message;
}

std::string path_of(std::string_view raw) {
  const auto path = normalise_path(raw);
  return path ? *path : "error: " + path.error().message;
}

struct TextCase {
  const char* name;
  std::string_view raw;
  std::string_view text;
};

class NormaliseTextTest : public ::testing::TestWithParam<TextCase> {};

TEST_P(NormaliseTextTest, GivesOneForm) {
  EXPECT_EQ(text_of(GetParam().raw), GetParam().text);
}
TEST_P(NormaliseTextTest, IsIdempotent) {
  EXPECT_EQ(text_of(GetParam().text), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, NormaliseTextTest,
    ::testing::Values(TextCase{"plain", "a\nb\n", "a\nb\n"},
                      TextCase{"no_line_feed_at_end", "a", "a\n"},
                      TextCase{"crlf_and_cr", "a\r\nb\rc\r\r\nd", "a\nb\nc\n\nd\n"},
                      TextCase{"space_at_line_ends", "a \t\nb\v\f \n", "a\nb\n"},
                      TextCase{"indentation_stays", "  a\n    b\n", "  a\n    b\n"},
                      TextCase{"blank_lines_at_both_ends", "\n \n\na\n\nb\n\n \n", "a\n\nb\n"},
                      TextCase{"byte_order_mark",
                               "\xEF\xBB\xBF"
                               "a\n",
                               "a\n"},
                      TextCase{"byte_order_marks_between_blank_lines",
                               "\n\xEF\xBB\xBF \n\xEF\xBB\xBF\xEF\xBB\xBF"
                               "a",
                               "a\n"},
                      TextCase{"decomposed", "cafe\xCC\x81\n", "caf\xC3\xA9\n"},
                      TextCase{"reordered_marks", "q\xCC\x87\xCC\xA3", "q\xCC\xA3\xCC\x87\n"},
                      TextCase{"wide_and_emoji", "\xE6\x97\xA5 \xF0\x9F\x98\x80",
                               "\xE6\x97\xA5 \xF0\x9F\x98\x80\n"}),
    [](const auto& given) { return std::string(given.param.name); });

TEST(NormaliseTextErrors, BytesThatAreNotUtf8AreNamedByTheirOffset) {
  EXPECT_EQ(text_of("ab\xFF"), "error: byte 2 is not UTF-8: convert the file to UTF-8");
  EXPECT_EQ(text_of("\xC3"), "error: byte 0 is not UTF-8: convert the file to UTF-8");
  EXPECT_EQ(text_of("a\xED\xA0\x80"), "error: byte 1 is not UTF-8: convert the file to UTF-8");
}

TEST(NormaliseTextErrors, BinaryFilesAreToldByTheirNul) {
  EXPECT_EQ(text_of(std::string_view("a\0b", 3)),
            "error: byte 1 is NUL: this is a binary file, not text");
}

TEST(NormaliseTextErrors, NothingLeft) {
  for (const char* raw : {"", " \n\t\r\n", "\xEF\xBB\xBF"}) {
    EXPECT_EQ(text_of(raw), "error: there is no text in it, only white space");
  }
}

TEST(NormalisePath, RelativePathsStay) {
  EXPECT_EQ(path_of("guide/intro.md"), "guide/intro.md");
  EXPECT_EQ(path_of(".hidden/..x/a..b"), ".hidden/..x/a..b");
}

TEST(NormalisePath, EmptyAndDotPartsGo) {
  EXPECT_EQ(path_of("./a//b/./c/"), "a/b/c");
}

TEST(NormalisePath, IsComposed) {
  EXPECT_EQ(path_of("cafe\xCC\x81.md"), "caf\xC3\xA9.md");
}

TEST(NormalisePath, WhatCannotBeAnIdentityIsRefused) {
  for (const std::string_view raw :
       {"", "/etc/passwd", "../a", "a/../b", "a\nb", "a\x7f", "a\xE2\x80\xA8", "\xFF", ".", "./"}) {
    EXPECT_TRUE(path_of(raw).starts_with("error: ")) << raw;
  }
}

}  // namespace
}  // namespace foreword::assembler
