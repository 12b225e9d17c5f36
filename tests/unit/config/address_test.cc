#include <gtest/gtest.h>

#include "config/load.h"

namespace foreword::config {
namespace {

Endpoint endpoint(std::string_view text) {
  return parse_endpoint(text).value();
}
BaseUrl url(std::string_view text) {
  return parse_base_url(text).value();
}
bool is_endpoint(std::string_view text) {
  return parse_endpoint(text).has_value();
}
bool is_url(std::string_view text) {
  return parse_base_url(text).has_value();
}

TEST(endpoint, has_a_host_and_a_port) {
  EXPECT_EQ(endpoint("127.0.0.1:8787"), (Endpoint{"127.0.0.1", 8787}));
}

TEST(endpoint, of_ipv6_stands_in_brackets_that_come_off) {
  EXPECT_EQ(endpoint("[::1]:0"), (Endpoint{"::1", 0}));
}

TEST(endpoint, may_be_a_name) {
  EXPECT_EQ(endpoint("LocalHost:80"), (Endpoint{"localhost", 80}));
}

TEST(endpoint, as_text_reads_back) {
  for (const auto* text : {"127.0.0.1:8787", "[::1]:0", "proxy-1.internal:65535"}) {
    EXPECT_EQ(to_text(endpoint(text)), text);
  }
}

TEST(endpoint, needs_a_port) {
  EXPECT_FALSE(is_endpoint("127.0.0.1"));
  EXPECT_FALSE(is_endpoint("127.0.0.1:"));
  EXPECT_FALSE(is_endpoint("[::1]"));
}

TEST(endpoint, needs_a_host) {
  EXPECT_FALSE(is_endpoint(":8787"));
}

TEST(endpoint, ports_end_at_65535) {
  EXPECT_TRUE(is_endpoint("h:65535"));
  EXPECT_FALSE(is_endpoint("h:65536"));
  EXPECT_FALSE(is_endpoint("h:-1"));
  EXPECT_FALSE(is_endpoint("h:99999999999999999999"));
}

TEST(endpoint, numbers_that_are_no_address_are_not_taken_for_a_name) {
  EXPECT_FALSE(is_endpoint("127.0.0:80"));
  EXPECT_FALSE(is_endpoint("256.1.1.1:80"));
}

TEST(endpoint, refuses_malformed_ipv6) {
  EXPECT_FALSE(is_endpoint("[::1:80"));
  EXPECT_FALSE(is_endpoint("::1:80"));
  EXPECT_FALSE(is_endpoint("[::g]:80"));
  EXPECT_FALSE(is_endpoint("[::1]80"));
}

TEST(endpoint, refuses_a_hidden_zero_byte) {
  EXPECT_FALSE(is_endpoint(std::string_view("127.0.0.1\0x:80", 14)));
}

TEST(loopback, is_all_of_127_and_ipv6_one_and_localhost) {
  EXPECT_TRUE(is_loopback({"127.0.0.1", 1}));
  EXPECT_TRUE(is_loopback({"127.9.9.9", 1}));
  EXPECT_TRUE(is_loopback({"::1", 1}));
  EXPECT_TRUE(is_loopback({"localhost", 1}));
}

TEST(loopback, is_not_every_address_nor_a_name_that_looks_like_it) {
  EXPECT_FALSE(is_loopback({"0.0.0.0", 1}));
  EXPECT_FALSE(is_loopback({"::", 1}));
  EXPECT_FALSE(is_loopback({"127.example.com", 1}));
  EXPECT_FALSE(is_loopback({"localhost.example.com", 1}));
}

TEST(base_url, of_a_bare_origin_has_no_path_and_the_port_of_its_scheme) {
  EXPECT_EQ(url("https://api.anthropic.com"), (BaseUrl{true, "api.anthropic.com", 443, ""}));
  EXPECT_EQ(url("http://127.0.0.1"), (BaseUrl{false, "127.0.0.1", 80, ""}));
}

TEST(base_url, keeps_its_port_and_loses_the_slash_at_the_end) {
  EXPECT_EQ(url("http://127.0.0.1:9000/prefix/"), (BaseUrl{false, "127.0.0.1", 9000, "/prefix"}));
}

TEST(base_url, of_ipv6_comes_out_without_brackets) {
  EXPECT_EQ(url("http://[::1]:9000/a"), (BaseUrl{false, "::1", 9000, "/a"}));
}

TEST(base_url, host_is_in_lower_case_and_path_is_not) {
  EXPECT_EQ(url("https://API.Example.com/V1"), (BaseUrl{true, "api.example.com", 443, "/V1"}));
}

TEST(base_url, as_text_reads_back) {
  for (const auto* text : {"https://a.b", "http://a.b:81/c/d", "https://[::1]:80", "http://h/v1"}) {
    EXPECT_EQ(to_text(url(text)), text);
  }
}

TEST(base_url, needs_a_scheme_that_is_http) {
  EXPECT_FALSE(is_url("api.anthropic.com"));
  EXPECT_FALSE(is_url("ftp://api.anthropic.com"));
  EXPECT_FALSE(is_url("https:/api.anthropic.com"));
}

TEST(base_url, needs_a_host_and_a_real_port) {
  EXPECT_FALSE(is_url("https://"));
  EXPECT_FALSE(is_url("https:///path"));
  EXPECT_FALSE(is_url("https://h:0"));
  EXPECT_FALSE(is_url("https://h:x"));
}

TEST(base_url, refuses_query_fragment_and_what_breaks_a_request_line) {
  EXPECT_FALSE(is_url("https://h/a?b=c"));
  EXPECT_FALSE(is_url("https://h/a#b"));
  EXPECT_FALSE(is_url("https://h/a b"));
  EXPECT_FALSE(is_url("https://h/a\r\nX: y"));
}

TEST(base_url, with_a_password_is_refused_without_repeating_it) {
  const auto result = parse_base_url("https://user:hunter2@api.openai.com");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message.find("hunter2"), std::string::npos);
}

TEST(kb_name, is_letters_digits_and_three_signs) {
  EXPECT_TRUE(is_kb_name("Handbook_2026.v1-a"));
  EXPECT_FALSE(is_kb_name("hand book"));
  EXPECT_FALSE(is_kb_name("a/b"));
  EXPECT_FALSE(is_kb_name(""));
}

TEST(kb_name, is_no_hidden_file_and_not_the_word_that_detaches) {
  EXPECT_FALSE(is_kb_name(".."));
  EXPECT_FALSE(is_kb_name(".git"));
  EXPECT_FALSE(is_kb_name("none"));
}

TEST(kb_name, has_at_most_64_bytes) {
  EXPECT_TRUE(is_kb_name(std::string(64, 'a')));
  EXPECT_FALSE(is_kb_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace foreword::config
