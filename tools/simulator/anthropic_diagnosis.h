// Why a prompt could not reuse the cache of an earlier message: `diagnostics.cache_miss_reason`.
//
// Remembers the shape of the latest messages, bounded. Safe to use from any thread.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "config/hash128.h"
#include "simulator/anthropic_prompt.h"
#include "simulator/json.h"

namespace foreword::simulator {

class AnthropicDiagnosis {
 public:
  /// The value of `diagnostics` in the answer to `body`: null unless the body asks for it.
  [[nodiscard]] json::value diagnose(const json::value& body, const config::Hash128& scope,
                                     const AnthropicPrompt& prompt);
  void remember(const std::string& message_id, const config::Hash128& scope,
                const AnthropicPrompt& prompt);
  void clear();

 private:
  struct Shape {
    std::string message_id;
    config::Hash128 scope;  // account, model and speed
    config::Hash128 tools;
    config::Hash128 system;
    std::vector<AnthropicBlock> blocks;
  };
  static constexpr std::size_t kMaxShapes = 1000;
  static Shape shape_of(const config::Hash128& scope, const AnthropicPrompt& prompt);

  std::mutex mutex_;
  std::deque<Shape> shapes_;  // the oldest first
};

}  // namespace foreword::simulator
