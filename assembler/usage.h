// Reads what a response says it used, out of JSON and of server-sent events, for every operation.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "config/models.h"
#include "config/provider.h"
#include "config/tokens.h"

namespace foreword::assembler {

/// Usage normalised to disjoint classes.
///
/// Anthropic: input_tokens excludes cache reads and writes; message_start and message_delta repeat
/// cumulative numbers, so the last of each is taken, never the sum; the 5m/1h split comes from
/// cache_creation (all 5m where it is missing). OpenAI: input totals include cached and written
/// tokens. Gemini: promptTokenCount includes cached ones; thoughts are output; tool-use prompt
/// tokens are input; the last chunk counts.
struct Usage {
  config::TokenCounts counts;
  config::ServiceTerms terms;
  /// The model that answered, as the response names it; empty if it does not.
  std::string model;
  /// Bytes of generated text seen so far, to estimate what a cut stream had produced.
  std::uint64_t output_text_bytes = 0;
};

enum class BodyKind : std::uint8_t { json, sse };

/// Fed with the decoded body (no chunk framing, no gzip) as it passes. Never fails the response:
/// what it cannot read (garbage, an event above limits::kMaxEventBytes, a JSON body that was cut or
/// is above limits::kMaxMeteredJsonBytes), it leaves out. A part that is reported larger than its
/// whole is cut to it, so that the classes always add up to the input and output that the provider
/// reported.
///
/// Not thread-safe; one per answer.
class UsageMeter {
 public:
  UsageMeter(config::Operation operation, BodyKind kind);
  ~UsageMeter();
  UsageMeter(UsageMeter&&) noexcept;
  UsageMeter& operator=(UsageMeter&&) noexcept;

  void feed(std::string_view bytes);
  /// The body ended, whole or cut: reads what only the end allows (JSON). Call once.
  void finish();

  /// True once any token count has been read.
  [[nodiscard]] bool has_usage() const;
  /// True once the final count has been read: for streams the closing event's, for JSON the body's.
  [[nodiscard]] bool is_final() const;
  /// True once a stream has said that it is over: its closing event, or OpenAI's `[DONE]`.
  [[nodiscard]] bool has_ended() const;
  /// True once a stream has brought an error in place of the rest of its answer: Anthropic's and
  /// Responses' `error` event, `response.failed`, and the `error` object that a chunk of Chat
  /// Completions or Gemini has.
  [[nodiscard]] bool has_failed() const;
  [[nodiscard]] const Usage& usage() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace foreword::assembler
