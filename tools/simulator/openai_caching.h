// Which of OpenAI's two caches a request meets, and what it gets from it.
//
// Safe to use from any thread.
#pragma once

#include <functional>

#include "simulator/openai_cache.h"
#include "simulator/openai_prompt.h"
#include "simulator/openai_router.h"
#include "simulator/prefix_cache.h"
#include "simulator/world.h"

namespace foreword::simulator {

struct OpenAiServed {
  OpenAiUsage usage;
  /// Makes what the request wrote readable; call it when the answer begins.
  std::function<void()> on_first_byte;
};

class OpenAiCaching {
 public:
  [[nodiscard]] Parsed<OpenAiServed> serve(World& world, const config::Hash128& account,
                                           const config::Model& model, const json::value& body,
                                           const TokenPrompt& prompt,
                                           const OpenAiCacheOptions& options);
  void clear();

 private:
  [[nodiscard]] Parsed<OpenAiServed> serve_prefix(World& world, const config::Hash128& scope,
                                                  const config::Model& model,
                                                  const json::value& body,
                                                  const TokenPrompt& prompt);

  OpenAiCache breakpoints_;  // from gpt-5.6 on
  PrefixCache prefixes_;     // before
  OpenAiRouter router_;
};

/// For the log: an OpenAI total includes cached and written tokens, a TokenCounts has them apart.
[[nodiscard]] config::TokenCounts counts_of(const OpenAiUsage& usage, std::uint64_t output_tokens);

}  // namespace foreword::simulator
