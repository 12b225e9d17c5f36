// Calls a simulator under virtual time in-process, as an SDK would over HTTP.
//
// One per test. Each call gets its first byte at once, unless it is only asked for.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "simulator/simulator.h"

namespace foreword::simulator {

class CallingSimulator : public testing::Test {
 protected:
  static Options virtual_options() {
    Options options;
    options.virtual_time = true;
    return options;
  }
  explicit CallingSimulator(const Options& options = virtual_options()) : simulator_(options) {}

  /// Requests carry the headers of all three SDKs' habits: the path decides.
  Request request(std::string method, std::string target, std::string body) const {
    Request made{std::move(method), std::move(target), headers_, std::move(body)};
    made.headers.push_back({"authorization", "Bearer " + key_});
    made.headers.push_back({"anthropic-version", version_});
    return made;
  }
  Exchange ask(const std::string& target, const json::value& body) {
    return simulator_.answer(request("POST", target, json::serialize(body)));
  }
  Reply post(const std::string& target, const json::value& body) {
    const Exchange exchange = ask(target, body);
    simulator_.begin(exchange);
    return exchange.reply;
  }
  Reply get(const std::string& target) {
    return simulator_.answer(request("GET", target, "")).reply;
  }
  json::value post_json(const std::string& target, const json::value& body) {
    const Reply reply = post(target, body);
    EXPECT_EQ(reply.status, 200u) << reply.body;
    return json::parse(reply.body);
  }
  static std::string header_of(const Reply& reply, std::string_view name) {
    for (const auto& header : reply.headers) {
      if (header.name == name) return header.value;
    }
    return "";
  }
  void advance(std::chrono::seconds by) { simulator_.clock().advance(by); }

  /// About `tokens` tokens of text that differs from any other `name`'s.
  static std::string text_of(const std::string& name, std::size_t tokens) {
    std::string text;
    for (std::size_t i = 0; i < tokens; ++i) text += name + " ";
    return text;
  }
  /// The JSON of each `data:` line.
  static std::vector<json::value> data_of(const Reply& reply) {
    std::vector<json::value> all;
    for (const auto& event : reply.events) {
      const auto at = event.bytes.find("data: {");
      if (at == std::string::npos) continue;
      const auto end = event.bytes.find_first_of("\r\n", at);
      all.push_back(json::parse(event.bytes.substr(at + 6, end - at - 6)));
    }
    return all;
  }
  static std::int64_t number(const json::value& value, std::string_view pointer) {
    boost::system::error_code error;
    const json::value* found = value.find_pointer({pointer.data(), pointer.size()}, error);
    return found == nullptr || !found->is_number() ? -1 : found->to_number<std::int64_t>();
  }
  static std::string text(const json::value& value, std::string_view pointer) {
    boost::system::error_code error;
    const json::value* found = value.find_pointer({pointer.data(), pointer.size()}, error);
    return found == nullptr || !found->is_string() ? "" : std::string(found->get_string());
  }
  static std::string error_message(const Reply& reply) {
    return text(json::parse(reply.body), "/error/message");
  }

  std::string key_ = "key";
  std::string version_ = "2023-06-01";
  std::vector<Header> headers_;
  Simulator simulator_;
};

}  // namespace foreword::simulator
