// The Anthropic API: messages, count_tokens, models.
//
// A reply is complete when it is returned; its on_first_byte makes the request's cache writes
// readable and must not outlive this object. Safe to use from any thread.
#pragma once

#include <string>

#include "simulator/anthropic_cache.h"
#include "simulator/anthropic_diagnosis.h"
#include "simulator/anthropic_prompt.h"
#include "simulator/world.h"

namespace foreword::simulator {

class AnthropicApi {
 public:
  explicit AnthropicApi(World& world) : world_(world) {}

  [[nodiscard]] Reply handle(const Request& request);
  void reset();

 private:
  [[nodiscard]] Reply answer(const Request& request, const std::string& request_id);
  [[nodiscard]] Reply messages(const Request& request, const config::Hash128& account,
                               const std::string& request_id);
  [[nodiscard]] Reply count_tokens(const Request& request, const std::string& request_id);
  void add_account_headers(Reply& reply, const config::Hash128& account);

  World& world_;
  AnthropicCache cache_;
  AnthropicDiagnosis diagnosis_;
};

}  // namespace foreword::simulator
