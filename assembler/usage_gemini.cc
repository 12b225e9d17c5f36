#include <algorithm>

#include "assembler/usage_read.h"

namespace foreword::assembler {
namespace {

using config::TokenClass;
using json::error_code;
using json::ondemand::value;

error_code read_usage(Reading& reading, std::string_view name, value& found) {
  auto& tokens = reading.tokens;
  if (name == "promptTokenCount") return json::read_count(found, tokens.input);
  if (name == "cachedContentTokenCount") return json::read_count(found, tokens.cache_read);
  if (name == "candidatesTokenCount") return json::read_count(found, tokens.output);
  if (name == "thoughtsTokenCount") return json::read_count(found, tokens.thoughts);
  if (name == "toolUsePromptTokenCount") return json::read_count(found, tokens.tool_prompt);
  return simdjson::SUCCESS;
}

error_code read_content(Reading& reading, std::string_view name, value& found) {
  if (name != "parts") return simdjson::SUCCESS;
  const auto visit_part = [&](std::string_view part, value& member) -> error_code {
    if (part != "text") return simdjson::SUCCESS;
    return json::add_text_bytes(member, reading.text_bytes);
  };
  return json::each_element_of(found,
                               [&](value& part) { return json::each_member_of(part, visit_part); });
}

error_code read_candidate(Reading& reading, std::string_view name, value& found) {
  if (name == "finishReason") {
    reading.has_stop_reason = found.type().value_unsafe() == json::ondemand::json_type::string;
    return simdjson::SUCCESS;
  }
  if (name != "content") return simdjson::SUCCESS;
  return json::each_member_of(found, [&](std::string_view part, value& member) {
    return read_content(reading, part, member);
  });
}

}  // namespace

error_code read_gemini(Reading& reading, std::string_view name, value& found) {
  if (name == "modelVersion") return json::read_string(found, reading.model);
  if (name == "usageMetadata") {
    reading.tokens = {};
    return json::each_member_of(found, [&](std::string_view part, value& member) {
      return read_usage(reading, part, member);
    });
  }
  if (name == "promptFeedback") {
    // A prompt that was blocked has no candidate to finish.
    return json::each_member_of(found, [&](std::string_view part, value&) {
      if (part == "blockReason") reading.has_stop_reason = true;
      return simdjson::SUCCESS;
    });
  }
  if (name != "candidates") return simdjson::SUCCESS;
  return json::each_element_of(found, [&](value& candidate) {
    return json::each_member_of(candidate, [&](std::string_view part, value& member) {
      return read_candidate(reading, part, member);
    });
  });
}

config::TokenCounts normalise_gemini(const ReportedTokens& tokens) {
  const auto prompt = tokens.input.value_or(0);
  const auto read = std::min(tokens.cache_read.value_or(0), prompt);
  config::TokenCounts counts;
  counts[TokenClass::cache_read] = read;
  counts[TokenClass::input] = prompt - read + tokens.tool_prompt.value_or(0);
  counts[TokenClass::output] = tokens.output.value_or(0) + tokens.thoughts.value_or(0);
  return counts;
}

}  // namespace foreword::assembler
