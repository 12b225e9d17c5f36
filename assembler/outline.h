// What one pass over a prompt request finds: where things are, never copies of them.
//
// All positions are byte offsets into the body that was scanned; the body has to outlive nothing
// but the use of these offsets on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/provider.h"

namespace foreword::assembler {

/// Bytes [begin, end) of the body.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  [[nodiscard]] std::size_t size() const { return end - begin; }
  bool operator==(const Span&) const = default;
};

enum class Shape : std::uint8_t { absent, null, boolean, number, string, array, object };

/// The value of a member. `span` covers exactly the value, quotes or brackets included, and no
/// white space around it. `empty`: "", [] or {}.
struct Value {
  Shape shape = Shape::absent;
  Span span;
  bool empty = false;
  [[nodiscard]] bool present() const { return shape != Shape::absent; }
  bool operator==(const Value&) const = default;
};

/// Anthropic's prefix order: tools, then system, then messages.
enum class Place : std::uint8_t { tools, system, messages, top_level };

enum class Ttl : std::uint8_t { minutes_5, hour_1 };

/// A breakpoint that the client set itself.
struct Marker {
  Place place{};
  Ttl ttl = Ttl::minutes_5;
  bool operator==(const Marker&) const = default;
};

enum class SegmentKind : std::uint8_t { tool, system_block, message_block };

/// One cacheable unit of the prompt, in prefix order as far as the body's own order tells.
struct Segment {
  SegmentKind kind{};
  Span span;
  bool operator==(const Segment&) const = default;
};

struct AnthropicOutline {
  Value system;
  bool has_thread = false;      // message threads: must pass byte for byte
  std::vector<Marker> markers;  // explicit and top-level cache_control
  bool operator==(const AnthropicOutline&) const = default;
};

struct OpenAiOutline {
  Value messages;      // chat completions
  Value input;         // responses
  Value instructions;  // responses
  /// Role of the first system or developer message of `messages`/`input`: "system", "developer" or
  /// "".
  std::string first_instruction_role;
  bool has_prompt_cache_key = false;
  bool explicit_cache_mode = false;            // prompt_cache_options.mode == "explicit"
  std::size_t breakpoints = 0;                 // content parts with prompt_cache_breakpoint
  bool continues_stored_conversation = false;  // previous_response_id or conversation is set
  Value stream_options;
  Value include_usage;  // the value inside stream_options
  bool operator==(const OpenAiOutline&) const = default;
};

struct GeminiOutline {
  Value system_instruction;         // either spelling
  Value parts;                      // system_instruction.parts
  bool has_cached_content = false;  // cachedContent / cached_content is set
  bool operator==(const GeminiOutline&) const = default;
};

struct Outline {
  config::Operation operation{};
  Span root;  // the outermost { ... }
  bool root_empty = false;
  std::string model;    // decoded; empty when absent (Gemini names it in the path)
  bool stream = false;  // "stream": true
  std::vector<Segment> segments;
  AnthropicOutline anthropic;
  OpenAiOutline openai;
  GeminiOutline gemini;
  bool operator==(const Outline&) const = default;
};

}  // namespace foreword::assembler
