// The scanner while a body arrives, and on bodies that are made to hurt it.
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "assembler/scan.h"
#include "config/limits.h"

namespace foreword::assembler {
namespace {

using config::Operation;
using Scanned = ScanResult<Outline>;

/// Feeds the pieces that end at `cuts`, then the rest, each time from another place in memory.
Scanned scan_cut(Operation operation, std::string_view body, const std::vector<std::size_t>& cuts) {
  Scanner scanner(operation);
  for (const std::size_t cut : cuts) {
    const std::vector<char> moved(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(cut));
    scanner.feed({moved.data(), moved.size()});
  }
  return scanner.finish(body);
}

/// Spans, shapes and all the rest do not depend on where a body was cut.
void expect_same_at_every_cut(Operation operation, std::string_view body) {
  const auto whole = scan(operation, body);
  std::vector<std::size_t> every_byte;
  for (std::size_t cut = 0; cut <= body.size(); ++cut) {
    every_byte.push_back(cut);
    const auto scanned = scan_cut(operation, body, {cut});
    ASSERT_EQ(scanned.has_value(), whole.has_value()) << cut;
    if (whole) {
      ASSERT_EQ(*scanned, *whole) << cut;
    } else {
      ASSERT_EQ(scanned.error(), whole.error()) << cut;
    }
  }
  const auto scanned = scan_cut(operation, body, every_byte);
  ASSERT_EQ(scanned.has_value(), whole.has_value());
  if (whole) {
    EXPECT_EQ(*scanned, *whole);
  }
}

TEST(Scanner, AnthropicRequestCutAnywhere) {
  expect_same_at_every_cut(
      Operation::messages,
      R"({"model":"claude\u002dsonnet","tools":[{"name":"f","input_schema":{"a":["]}",{}]}}],)"
      R"("system":[{"type":"text","text":"a \"b\" \\","cache_control":{"ttl":"1h"}}],"x":[[[{}]]],)"
      R"("messages":[{"role":"user","content":[{"content":[{"cache_control":{}}]},"s"]}, )"
      "\n {\"content\" : \"\xE5\xA7\x94\xF0\x9F\x98\x80\" } ] , \"stream\" : true } \n");
}

TEST(Scanner, ChatRequestCutAnywhere) {
  expect_same_at_every_cut(
      Operation::chat_completions,
      R"({"messages":[{"role":"developer","content":"D"},{"content":[{"text":"x"}]}],)"
      R"("stream_options":{"include_usage":false},"stream":true,"max_tokens":-1.25e3,)"
      R"("prompt_cache_options":{"mode":"explicit"},"tools":[{"type":"function"}],"n":null})");
}

TEST(Scanner, ResponsesRequestCutAnywhere) {
  expect_same_at_every_cut(
      Operation::responses,
      R"({"input":[{"role":"user","content":"I"},{"output":{"prompt_cache_breakpoint":{}}}],)"
      R"("instructions":"be brief","conversation":{"id":"c"},"\u0069nput2":1,"tools":[ ]})");
}

TEST(Scanner, GeminiRequestCutAnywhere) {
  expect_same_at_every_cut(
      Operation::generate_content,
      R"({"system_instruction":{"parts":[{"text":"s"}]},"contents":[{"parts":[{"text":"a"},)"
      R"({"inlineData":{"data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}]}]})");
}

TEST(Scanner, RefusedBodiesCutAnywhere) {
  for (const char* body :
       {R"({"system":"a","messages":[{"content":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}],"system":1})",
        R"({"messages":7,"a":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"})",
        "{\"messages\":7,\"a\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\x01\"}",
        "{\"messages\":7,\"a\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\xE5\xA7\"}",
        R"({"system":"a","messages":[{"content":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx)"}) {
    expect_same_at_every_cut(Operation::messages, body);
  }
}

TEST(Scanner, LongBodyCutAroundEachBlock) {
  std::string body = R"({"messages":[)";
  for (int i = 0; i < 90; ++i) {
    body += R"({"role":"user","content":")" + std::string(static_cast<std::size_t>(i), '\\') +
            (i % 2 == 0 ? "" : "\"") + R"( [{ "},)";
  }
  body.back() = ']';
  body += R"(,"system":"S"})";
  ASSERT_GT(body.size(), 4096u);
  const auto whole = scan(Operation::messages, body);
  ASSERT_TRUE(whole.has_value());
  EXPECT_EQ(whole->segments.size(), 91u);
  for (std::size_t border = 64; border < body.size(); border += 64) {
    for (const std::size_t cut : {border - 1, border, border + 1}) {
      const auto scanned = scan_cut(Operation::messages, body, {cut});
      ASSERT_TRUE(scanned.has_value());
      ASSERT_EQ(*scanned, *whole) << cut;
    }
  }
}

TEST(Scanner, ABodyThatNeverComesIsMalformed) {
  Scanner scanner(Operation::messages);
  scanner.feed("");
  EXPECT_EQ(scanner.finish("").error(), ScanFailure::malformed_json);
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(Scanner, MegabytesOfBracketsEndWell) {
  constexpr std::size_t kMany = 4u << 20;
  const std::string open = repeated("[", kMany);
  EXPECT_EQ(scan(Operation::messages, open).error(), ScanFailure::not_an_object);
  EXPECT_EQ(scan(Operation::messages, "{\"x\":" + open).error(), ScanFailure::malformed_json);
  EXPECT_EQ(scan(Operation::messages, "{\"tools\":" + open).error(), ScanFailure::malformed_json);
  EXPECT_EQ(scan(Operation::messages, repeated(R"({"x":)", kMany)).error(),
            ScanFailure::malformed_json);
  EXPECT_TRUE(scan(Operation::messages, "{\"x\":" + open + repeated("]", kMany) + "}"));
}

TEST(Scanner, MegabytesOfPunctuationEndWell) {
  constexpr std::size_t kMany = 4u << 20;
  for (const char* text : {",", ":", "\"", "\\", "1", "\\\"", "{}", "\"a\":1,"}) {
    const auto body = "{\"system\":[" + repeated(text, kMany);
    EXPECT_EQ(scan(Operation::messages, body).error(), ScanFailure::malformed_json) << text;
  }
}

TEST(Scanner, AScalarOfMegabytesInManyPieces) {
  const std::string body = "{\"system\":" + repeated("1", 1u << 20) + "}";
  Scanner scanner(Operation::messages);
  for (std::size_t end = 0; end < body.size(); end += 1000) {
    scanner.feed(std::string_view(body).substr(0, end));
  }
  const auto outline = scanner.finish(body);
  ASSERT_TRUE(outline.has_value());
  EXPECT_EQ(outline->anthropic.system.span, (Span{10, body.size() - 1}));
}

TEST(Scanner, BlocksAreCountedUpToALimit) {
  using config::limits::kMaxSegments;
  const auto tools = [](std::size_t count) {
    return R"({"tools":[1)" + repeated(",1", count - 1) + "]}";
  };
  EXPECT_TRUE(scan(Operation::messages, tools(kMaxSegments)));
  EXPECT_EQ(scan(Operation::messages, tools(kMaxSegments + 1)).error(),
            ScanFailure::too_many_blocks);
}

TEST(Scanner, BlocksNestToExactlyTheLimit) {
  const auto nested = [](std::size_t depth) {
    return R"({"messages":[{"content":[)" + repeated(R"({"content":[)", depth) + "1" +
           repeated("]}", depth) + "]}]}";
  };
  EXPECT_TRUE(scan(Operation::messages, nested(32)));
  EXPECT_EQ(scan(Operation::messages, nested(33)).error(), ScanFailure::too_deep);
}

TEST(Scanner, BracketsOfOtherKindsDoNotMatch) {
  for (const char* body : {R"({"system":[1})", R"({"x":[1}})", R"({"x":{"a":1]})",
                           R"({"messages":[{"content":"x"]]})", R"({"tools":[{]]})"}) {
    EXPECT_EQ(scan(Operation::messages, body).error(), ScanFailure::malformed_json) << body;
  }
}

TEST(Scanner, NamesAreKnownHoweverTheyAreEscaped) {
  std::string name;
  for (const char c : std::string_view("system")) {
    constexpr std::string_view kHex = "0123456789abcdef";
    name += std::string("\\u00") + kHex[static_cast<unsigned char>(c) >> 4] + kHex[c & 0xf];
  }
  const auto outline = scan(Operation::messages, "{\"" + name + "\":\"S\"}");
  ASSERT_TRUE(outline.has_value());
  EXPECT_EQ(outline->anthropic.system.shape, Shape::string);
}

}  // namespace
}  // namespace foreword::assembler
