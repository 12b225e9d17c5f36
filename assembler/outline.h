// What one pass over a prompt request finds: where things are, never copies of them.
//
// All positions are byte offsets into the body that was scanned; the body has to outlive nothing
// but the use of these offsets on it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "config/hash128.h"
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

/// How long a provider keeps what ends at a marker: two of Anthropic's, two of OpenAI's.
enum class Ttl : std::uint8_t { minutes_5, hour_1, minutes_30, hours_12 };

/// A breakpoint that the client set itself.
struct Marker {
  Place place{};
  Ttl ttl = Ttl::minutes_5;
  bool operator==(const Marker&) const = default;
};

/// In prefix order; also the levels of a prefix, see Outline::level_hash.
enum class SegmentKind : std::uint8_t { tool, system_block, message_block };
inline constexpr std::size_t kLevels = 3;

/// Whether a segment may carry a marker of ours, as far as it alone tells, and how it gets one.
/// Sources: PROVIDERS.md 1A.5 and 1B.2. What they do not name may not.
enum class Markable : std::uint8_t {
  no,
  /// A new last member of the block: `,"cache_control":{...}` in front of its brace, which is the
  /// last byte of the span.
  block,
  /// The span is a string, which has to become the text of a list of one block.
  string,
};

/// One cacheable unit of the prompt, in prefix order as far as the body's own order tells: a tool,
/// a block of the system prompt or of a message, a content that is a string; or a whole element of
/// the messages that has none of these (a function call).
struct Segment {
  SegmentKind kind{};
  Markable markable = Markable::no;
  /// Some of it is a picture, sound or a file, of which the bytes do not tell the tokens.
  bool media = false;
  /// The client's own markers on it, and in the blocks of its content: a bit for each Ttl.
  std::uint8_t markers = 0;
  /// Bytes that the model reads, as they stand in the body (escapes and all): of a text the text,
  /// of other blocks their JSON, without markers and media. Tool calls beside a content count to
  /// the last segment of their message. For estimates of tokens.
  std::uint32_t text_bytes = 0;
  Span span{};
  /// What it says to the model, and in which message: XXH3-128 of the block's bytes without its
  /// markers, combined with that of what stands around the content of its message (its role, its
  /// tool calls). A message whose only content is a string is hashed as a whole. A marker goes
  /// together with one comma and the white space beside it, so that a marker that moves on leaves
  /// the same bytes.
  config::Hash128 hash{};

  [[nodiscard]] bool carries(Ttl ttl) const { return (markers >> static_cast<int>(ttl) & 1) != 0; }
  bool operator==(const Segment&) const = default;
};

struct AnthropicOutline {
  Value system;
  bool has_thread = false;      // message threads: must pass byte for byte
  std::vector<Marker> markers;  // explicit and top-level cache_control
  /// The first block of `system` if it is Claude Code's x-anthropic-billing-header, which has to
  /// reach Anthropic as it is; else empty. Its hash leaves out what follows `cch=`, which is new in
  /// each request.
  Span billing_header;
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
  bool has_cache_options = false;              // prompt_cache_options, if only null
  bool keeps_12h = false;                      // prompt_cache_options.ttl == "12h"
  bool has_cache_retention = false;            // prompt_cache_retention is set
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
  Span model_span;      // with its quotes; empty where `model` is not a string of the body
  bool stream = false;  // "stream": true
  std::vector<Segment> segments;
  /// By SegmentKind: what else has to be the same for a prefix that reaches into that level to be
  /// found again (PROVIDERS.md 1A.7, 1B.4), such as `tool_choice` for messages. The sum, word by
  /// word, of combine(xxh3_128(name), xxh3_128(value)) over the members that are set; null is not.
  std::array<config::Hash128, kLevels> level_hash{};
  AnthropicOutline anthropic;
  OpenAiOutline openai;
  GeminiOutline gemini;
  bool operator==(const Outline&) const = default;
};

}  // namespace foreword::assembler
