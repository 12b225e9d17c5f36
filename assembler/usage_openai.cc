#include <algorithm>

#include "assembler/usage_read.h"

// Chat Completions and Responses name the same things differently; no name means two things.
namespace foreword::assembler {
namespace {

using config::TokenClass;
using json::error_code;
using json::ondemand::value;

error_code read_write_split(Reading& reading, std::string_view name, value& found) {
  auto& tokens = reading.tokens;
  if (name == "ttl_30m_tokens") return json::read_count(found, tokens.cache_write_short);
  if (name == "ttl_12h_tokens") return json::read_count(found, tokens.cache_write_long);
  return simdjson::SUCCESS;
}

error_code read_input_details(Reading& reading, std::string_view name, value& found) {
  auto& tokens = reading.tokens;
  if (name == "cached_tokens") return json::read_count(found, tokens.cache_read);
  if (name == "cache_write_tokens") return json::read_count(found, tokens.cache_write);
  if (name != "cache_write_tokens_details") return simdjson::SUCCESS;
  return json::each_member_of(found, [&](std::string_view part, value& member) {
    return read_write_split(reading, part, member);
  });
}

error_code read_usage_member(Reading& reading, std::string_view name, value& found) {
  auto& tokens = reading.tokens;
  if (name == "prompt_tokens" || name == "input_tokens") {
    return json::read_count(found, tokens.input);
  }
  if (name == "completion_tokens" || name == "output_tokens") {
    return json::read_count(found, tokens.output);
  }
  if (name != "prompt_tokens_details" && name != "input_tokens_details") return simdjson::SUCCESS;
  return json::each_member_of(found, [&](std::string_view part, value& member) {
    return read_input_details(reading, part, member);
  });
}

error_code read_usage(Reading& reading, value& found) {
  if (found.type().value_unsafe() != json::ondemand::json_type::object) return simdjson::SUCCESS;
  reading.has_usage_object = true;
  reading.tokens = {};
  return json::each_member_of(found, [&](std::string_view part, value& member) {
    return read_usage_member(reading, part, member);
  });
}

/// Members that a whole answer, a chunk and the response of an event have in common.
error_code read_answer(Reading& reading, std::string_view name, value& found) {
  if (name == "model") return json::read_string(found, reading.model);
  if (name == "service_tier") return json::read_string(found, reading.service_tier);
  if (name == "usage") return read_usage(reading, found);
  return simdjson::SUCCESS;
}

error_code read_arguments(Reading& reading, value& tool_calls) {
  auto& bytes = reading.text_bytes;
  const auto visit_function = [&](std::string_view name, value& member) -> error_code {
    return name == "arguments" ? json::add_text_bytes(member, bytes) : simdjson::SUCCESS;
  };
  const auto visit_call = [&](std::string_view name, value& member) -> error_code {
    return name == "function" ? json::each_member_of(member, visit_function) : simdjson::SUCCESS;
  };
  return json::each_element_of(tool_calls,
                               [&](value& call) { return json::each_member_of(call, visit_call); });
}

error_code read_choice_delta(Reading& reading, std::string_view name, value& found) {
  if (name == "tool_calls") return read_arguments(reading, found);
  if (name != "content" && name != "refusal" && name != "reasoning_content") {
    return simdjson::SUCCESS;
  }
  return json::add_text_bytes(found, reading.text_bytes);
}

error_code read_choices(Reading& reading, value& found) {
  reading.has_empty_choices = found.type().value_unsafe() == json::ondemand::json_type::array;
  const auto visit_choice = [&](std::string_view name, value& member) -> error_code {
    if (name != "delta") return simdjson::SUCCESS;
    return json::each_member_of(member, [&](std::string_view part, value& text) {
      return read_choice_delta(reading, part, text);
    });
  };
  return json::each_element_of(found, [&](value& choice) {
    reading.has_empty_choices = false;
    return json::each_member_of(choice, visit_choice);
  });
}

}  // namespace

error_code read_openai(Reading& reading, std::string_view name, value& found) {
  if (name == "type") return json::read_string(found, reading.type);
  if (name == "choices") return read_choices(reading, found);
  if (name == "delta") return json::add_text_bytes(found, reading.text_bytes);
  if (name == "response") {
    return json::each_member_of(found, [&](std::string_view part, value& member) {
      return read_answer(reading, part, member);
    });
  }
  return read_answer(reading, name, found);
}

config::TokenCounts normalise_openai(const ReportedTokens& tokens) {
  const auto input = tokens.input.value_or(0);
  const auto written_12h = tokens.cache_write_long.value_or(0);
  const auto written =
      tokens.cache_write.value_or(tokens.cache_write_short.value_or(0) + written_12h);
  const auto read = std::min(tokens.cache_read.value_or(0), input);
  const auto written_of_input = std::min(written, input - read);
  config::TokenCounts counts;
  counts[TokenClass::input] = input - read - written_of_input;
  counts[TokenClass::cache_read] = read;
  counts[TokenClass::cache_write_12h] = std::min(written_12h, written_of_input);
  counts[TokenClass::cache_write_30m] = written_of_input - counts[TokenClass::cache_write_12h];
  counts[TokenClass::output] = tokens.output.value_or(0);
  return counts;
}

}  // namespace foreword::assembler
