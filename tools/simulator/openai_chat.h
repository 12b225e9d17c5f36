// A chat completion in its two forms: one JSON document, or the chunks of a stream. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulator/answer.h"
#include "simulator/http_message.h"
#include "simulator/openai_cache.h"

namespace foreword::simulator {

struct ChatCompletion {
  std::string id;
  std::string model;
  std::string service_tier = "default";
  std::int64_t created_seconds = 0;  // since 1970
  OpenAiUsage usage;
  bool reports_writes = false;  // gpt-5.6 and later
  Answer answer;
  std::uint64_t reasoning_tokens = 0;

  [[nodiscard]] std::uint64_t output_tokens() const { return reasoning_tokens + answer.tokens(); }
};

[[nodiscard]] std::string chat_body(const ChatCompletion& completion);
/// With `include_usage` every chunk has a `usage`, null but in a last chunk without choices.
[[nodiscard]] std::vector<Event> chat_events(const ChatCompletion& completion, bool include_usage);

}  // namespace foreword::simulator
