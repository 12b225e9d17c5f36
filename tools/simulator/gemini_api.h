// The Gemini API: generateContent, streamGenerateContent, countTokens, models; under /v1 and
// /v1beta.
//
// A reply is complete when it is returned; its on_first_byte must not outlive this object. Safe to
// use from any thread.
#pragma once

#include <string_view>

#include "simulator/gemini_prompt.h"
#include "simulator/prefix_cache.h"
#include "simulator/world.h"

namespace foreword::simulator {

class GeminiApi {
 public:
  explicit GeminiApi(World& world) : world_(world) {}

  [[nodiscard]] Reply handle(const Request& request);
  void reset() { cache_.clear(); }

 private:
  [[nodiscard]] Parsed<Reply> answer(const Request& request, const config::Hash128& account);
  enum class Form : std::uint8_t { document, events, array };
  [[nodiscard]] Parsed<Reply> generate(const json::value& body, const config::Model& model,
                                       const config::Hash128& account, Form form);
  [[nodiscard]] Parsed<Reply> count(const json::value& body, const config::Model& model);

  World& world_;
  PrefixCache cache_;
};

}  // namespace foreword::simulator
