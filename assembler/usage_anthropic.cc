#include <algorithm>

#include "assembler/usage_read.h"

namespace foreword::assembler {
namespace {

using config::TokenClass;
using json::error_code;
using json::ondemand::value;

error_code read_write_split(Reading& reading, std::string_view name, value& found) {
  auto& tokens = reading.tokens;
  if (name == "ephemeral_5m_input_tokens") return json::read_count(found, tokens.cache_write_short);
  if (name == "ephemeral_1h_input_tokens") return json::read_count(found, tokens.cache_write_long);
  return simdjson::SUCCESS;
}

error_code read_usage(Reading& reading, std::string_view name, value& found) {
  auto& tokens = reading.tokens;
  if (name == "input_tokens") return json::read_count(found, tokens.input);
  if (name == "output_tokens") return json::read_count(found, tokens.output);
  if (name == "cache_read_input_tokens") return json::read_count(found, tokens.cache_read);
  if (name == "cache_creation_input_tokens") return json::read_count(found, tokens.cache_write);
  if (name == "service_tier") return json::read_string(found, reading.service_tier);
  if (name == "speed") return json::read_string(found, reading.speed);
  if (name == "inference_geo") return json::read_string(found, reading.inference_geo);
  if (name != "cache_creation") return simdjson::SUCCESS;
  return json::each_member_of(found, [&](std::string_view part, value& member) {
    return read_write_split(reading, part, member);
  });
}

error_code read_delta(Reading& reading, std::string_view name, value& found) {
  if (name == "text" || name == "partial_json" || name == "thinking") {
    return json::add_text_bytes(found, reading.text_bytes);
  }
  if (name != "stop_reason") return simdjson::SUCCESS;
  reading.has_stop_reason = found.type().value_unsafe() == json::ondemand::json_type::string;
  return simdjson::SUCCESS;
}

/// The message of message_start, or a whole answer: both have the same members.
error_code read_message(Reading& reading, std::string_view name, value& found) {
  if (name == "model") return json::read_string(found, reading.model);
  if (name != "usage") return simdjson::SUCCESS;
  return json::each_member_of(found, [&](std::string_view part, value& member) {
    return read_usage(reading, part, member);
  });
}

}  // namespace

error_code read_anthropic(Reading& reading, std::string_view name, value& found) {
  if (name == "type") return json::read_string(found, reading.type);
  if (name == "message") {
    return json::each_member_of(found, [&](std::string_view part, value& member) {
      return read_message(reading, part, member);
    });
  }
  if (name == "delta") {
    return json::each_member_of(found, [&](std::string_view part, value& member) {
      return read_delta(reading, part, member);
    });
  }
  return read_message(reading, name, found);
}

config::TokenCounts normalise_anthropic(const ReportedTokens& tokens) {
  const auto written_1h = tokens.cache_write_long.value_or(0);
  const auto written =
      tokens.cache_write.value_or(tokens.cache_write_short.value_or(0) + written_1h);
  config::TokenCounts counts;
  counts[TokenClass::input] = tokens.input.value_or(0);
  counts[TokenClass::cache_read] = tokens.cache_read.value_or(0);
  counts[TokenClass::cache_write_1h] = std::min(written_1h, written);
  counts[TokenClass::cache_write_5m] = written - counts[TokenClass::cache_write_1h];
  counts[TokenClass::output] = tokens.output.value_or(0);
  return counts;
}

}  // namespace foreword::assembler
