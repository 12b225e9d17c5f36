// How each provider's answers are read for usage. Not part of the folder's contract: only usage*.cc
// and usage_chunk_filter.cc include it.
//
// Readers take the members of one document (an event's data or a whole body) in any order. What
// they find goes into a Reading, which is kept only if the document could be walked to its end.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "assembler/json_walk.h"
#include "config/tokens.h"

namespace foreword::assembler {

/// Numbers as the provider names them, before they are made disjoint.
struct ReportedTokens {
  std::optional<std::uint64_t> input;
  std::optional<std::uint64_t> output;
  std::optional<std::uint64_t> cache_read;
  std::optional<std::uint64_t> cache_write;
  std::optional<std::uint64_t> cache_write_short;  // 5m, 30m
  std::optional<std::uint64_t> cache_write_long;   // 1h, 12h
  std::optional<std::uint64_t> thoughts;           // Gemini: beside the output
  std::optional<std::uint64_t> tool_prompt;        // Gemini: beside the input
  bool operator==(const ReportedTokens&) const = default;
};

/// Views point into the parser's memory: valid while the document is.
struct Reading {
  ReportedTokens tokens;
  std::string_view model;
  std::string_view service_tier;
  std::string_view speed;
  std::string_view inference_geo;
  std::uint64_t text_bytes = 0;
  // What a document is, for deciding whether another count can come after it.
  std::string_view type;
  bool has_usage_object = false;
  bool has_empty_choices = false;
  bool has_stop_reason = false;
  bool has_error = false;
};

[[nodiscard]] json::error_code read_anthropic(Reading& reading, std::string_view name,
                                              json::ondemand::value& value);
[[nodiscard]] json::error_code read_openai(Reading& reading, std::string_view name,
                                           json::ondemand::value& value);
[[nodiscard]] json::error_code read_gemini(Reading& reading, std::string_view name,
                                           json::ondemand::value& value);

/// Disjoint classes. A part that is larger than its whole is cut to it: the sum stays what the
/// provider reported, and nothing wraps below zero.
[[nodiscard]] config::TokenCounts normalise_anthropic(const ReportedTokens& tokens);
[[nodiscard]] config::TokenCounts normalise_openai(const ReportedTokens& tokens);
[[nodiscard]] config::TokenCounts normalise_gemini(const ReportedTokens& tokens);

}  // namespace foreword::assembler
