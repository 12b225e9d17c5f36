#include "proxy/head_parser.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config/limits.h"

namespace foreword::proxy {
namespace {

constexpr auto npos = std::string_view::npos;

HeadStatus request_status(std::string_view bytes) {
  RequestHead head;
  return parse_head(bytes, head);
}

HeadStatus response_status(std::string_view bytes) {
  ResponseHead head;
  return parse_head(bytes, head);
}

std::string with_field(std::string_view line) {
  return "GET / HTTP/1.1\r\nHost: x\r\n" + std::string(line) + "\r\n\r\n";
}

TEST(HeadParser, ARequestIsTakenApartAsItCame) {
  const std::string bytes =
      "POST /v1/messages?beta=true HTTP/1.1\r\nHost: x\r\nx-API-Key:\tk \r\nEmpty:\r\n\r\n";
  RequestHead head;
  ASSERT_EQ(parse_head(bytes, head), HeadStatus::ok);
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/v1/messages?beta=true");
  EXPECT_EQ(head.version, 11u);
  ASSERT_EQ(head.fields.size(), 3u);
  EXPECT_EQ(head.fields[0].name, "Host");
  EXPECT_EQ(head.fields[0].value, "x");
  EXPECT_EQ(head.fields[1].name, "x-API-Key");
  EXPECT_EQ(head.fields[1].value, "k");
  EXPECT_EQ(head.fields[2].value, "");
  EXPECT_FALSE(head.folded);
}

TEST(HeadParser, AnAnswerIsTakenApartAsItCame) {
  const std::string bytes = "HTTP/1.0 404 Not \xc3\xa9 Found\r\n\r\n";
  ResponseHead head;
  ASSERT_EQ(parse_head(bytes, head), HeadStatus::ok);
  EXPECT_EQ(head.status, 404u);
  EXPECT_EQ(head.reason, "Not \xc3\xa9 Found");
  EXPECT_EQ(head.version, 10u);
  EXPECT_EQ(response_status("HTTP/1.1 200 \r\n\r\n"), HeadStatus::ok);
}

TEST(HeadParser, LinesThatAreCopiedAsTheyStandAreTold) {
  const std::string bytes = with_field("a: b\r\nc:  d\r\ne:f\r\ng: \r\nh: i ");
  RequestHead head;
  ASSERT_EQ(parse_head(bytes, head), HeadStatus::ok);
  std::vector<std::string> whole;
  for (const auto& field : head.fields) {
    if (field.whole_line) whole.emplace_back(field.line());
  }
  EXPECT_EQ(whole, (std::vector<std::string>{"Host: x\r\n", "a: b\r\n", "g: \r\n"}));
}

TEST(HeadParser, StartLinesThatOthersMayReadOtherwiseAreRefused) {
  for (const std::string_view line :
       {"GET  / HTTP/1.1", " GET / HTTP/1.1", "GET / HTTP/1.1 ", "GET /\tHTTP/1.1",
        "GET / HTTP/1.2", "GET / HTTP/2.0", "GET / http/1.1", "GET / HTTP/1.", "GET /", "GET", "",
        "GET /\x7f HTTP/1.1", "G@T / HTTP/1.1", "GET / HTTP/1.1\n"}) {
    EXPECT_EQ(request_status(std::string(line) + "\r\nHost: x\r\n\r\n"), HeadStatus::malformed)
        << line;
  }
  for (const std::string_view line :
       {"HTTP/1.1 200", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1  200 OK", "HTTP/1.1 2a0 OK",
        "HTTP/1.1 200 O\001K", "ICY 200 OK", "HTTP/3 200 OK"}) {
    EXPECT_EQ(response_status(std::string(line) + "\r\n\r\n"), HeadStatus::malformed) << line;
  }
}

TEST(HeadParser, FieldsThatOthersMayReadOtherwiseAreRefused) {
  using namespace std::string_literals;
  for (const auto& line :
       {"Content-Length : 1"s, "Content-Length"s, ": 1"s, "a b: 1"s, "a\t: 1"s, "a: 1\nb: 2"s,
        "a: 1\rb: 2"s, "a: \0"s, "a: \x7f"s, "a: 1\r"s, "\xc3: 1"s,
        "a: long enough to be looked at in one step of sixteen\001 bytes"s,
        "a-name-that-is-longer-than-sixteen bytes: 1"s}) {
    EXPECT_EQ(request_status(with_field(line)), HeadStatus::malformed) << line;
  }
}

TEST(HeadParser, AnyOtherByteMayStandInAValue) {
  std::string value = "!";
  for (int c = ' '; c < 256; ++c) {
    if (c != 0x7f) value.push_back(static_cast<char>(c));
  }
  value += "\t!";
  const auto bytes = with_field("a: " + value);
  RequestHead head;
  ASSERT_EQ(parse_head(bytes, head), HeadStatus::ok);
  EXPECT_EQ(head.fields[1].value, value);
}

TEST(HeadParser, EveryCharacterOfANameIsJudged) {
  for (int c = 0; c < 256; ++c) {
    const auto byte = static_cast<char>(c);
    if (byte == ':') continue;  // ends it
    const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    const bool fits = letter || (byte >= '0' && byte <= '9') ||
                      (c != 0 && std::string_view("!#$%&'*+-.^_`|~").find(byte) != npos);
    // At the end, and within what is looked at in one step.
    for (const auto& name : {"a" + std::string(1, byte), "a" + std::string(1, byte) + "b"}) {
      const auto status = request_status(with_field(name + ": 0123456789012345"));
      EXPECT_EQ(status == HeadStatus::ok, fits) << c;
    }
  }
}

TEST(HeadParser, FoldedLinesAreTold) {
  for (const auto* line : {"a: 1\r\n 2", "a: 1\r\n\t2", "a:\r\n b"}) {
    const auto bytes = with_field(line);
    RequestHead head;
    EXPECT_EQ(parse_head(bytes, head), HeadStatus::ok);
    EXPECT_TRUE(head.folded) << line;
  }
  const std::string first = "GET / HTTP/1.1\r\n Host: x\r\n\r\n";
  RequestHead head;
  EXPECT_EQ(parse_head(first, head), HeadStatus::ok);
  EXPECT_TRUE(head.folded);
}

TEST(HeadParser, ThereIsAMostOfFields) {
  std::string lines;
  for (std::size_t i = 0; i + 2 < config::limits::kMaxHeaderFields; ++i) lines += "a: b\r\n";
  EXPECT_EQ(request_status(with_field(lines + "c: d")), HeadStatus::ok);
  EXPECT_EQ(request_status(with_field(lines + "c: d\r\ne: f")), HeadStatus::too_many_fields);
}

TEST(HeadParser, WhatStandsBehindTheEmptyLineIsNoHead) {
  EXPECT_EQ(request_status("GET / HTTP/1.1\r\n\r\n\r\n\r\n"), HeadStatus::malformed);
  EXPECT_EQ(request_status("GET / HTTP/1.1\r\n\r\na: b\r\n\r\n"), HeadStatus::malformed);
  EXPECT_EQ(request_status("GET / HTTP/1.1\r\n"), HeadStatus::malformed);
}

TEST(HeadParser, TheEndOfAHeadIsFoundWhereverItStands) {
  for (std::size_t before = 0; before < 40; ++before) {
    const auto bytes = std::string(before, 'a') + "\r\n\r\n" + std::string(20, '\r');
    const auto end = before + 4;
    EXPECT_EQ(find_end_of_head(bytes, 0), end);
    EXPECT_EQ(find_end_of_head(bytes, before), end);
    for (std::size_t here = 0; here < end; ++here) {
      EXPECT_EQ(find_end_of_head(std::string_view(bytes).substr(0, here), 0), npos);
    }
  }
  EXPECT_EQ(find_end_of_head("\r\n\r\r\n\n\r\n\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r", 0), npos);
}

TEST(FieldName, IsTheSameInWhateverCase) {
  EXPECT_EQ(field_name("content-length"), FieldName::content_length);
  EXPECT_EQ(field_name("Content-Length"), FieldName::content_length);
  EXPECT_EQ(field_name("TRANSFER-ENCODING"), FieldName::transfer_encoding);
  EXPECT_EQ(field_name("X-Foreword-KB"), FieldName::x_foreword_kb);
  EXPECT_EQ(field_name("te"), FieldName::te);
}

TEST(FieldName, DiffersWhereOneCharacterDoes) {
  for (const std::string_view name :
       {"", "t", "ue", "content-lengthx", "xcontent-length", "content-lengtg", "contenu-length",
        "content_length", "host ", "x-foreword"}) {
    EXPECT_EQ(field_name(name), FieldName::other) << name;
  }
  EXPECT_EQ(field_name("x-foreword-"), FieldName::x_foreword_other);
  EXPECT_EQ(field_name("X-Foreword-Of-Tomorrow"), FieldName::x_foreword_other);
}

}  // namespace
}  // namespace foreword::proxy
