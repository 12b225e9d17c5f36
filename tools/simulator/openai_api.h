// The OpenAI API: chat completions, responses, input token counts, embeddings, models.
//
// A reply is complete when it is returned; its on_first_byte must not outlive this object. Safe to
// use from any thread.
#pragma once

#include <string>

#include "simulator/openai_caching.h"
#include "simulator/response_store.h"
#include "simulator/world.h"

namespace foreword::simulator {

class OpenAiApi {
 public:
  explicit OpenAiApi(World& world) : world_(world) {}

  [[nodiscard]] Reply handle(const Request& request);
  void reset();

 private:
  [[nodiscard]] Parsed<Reply> answer(const Request& request, const config::Hash128& account);
  [[nodiscard]] Parsed<Reply> chat(const json::value& body, const config::Hash128& account);
  [[nodiscard]] Parsed<Reply> responses(const json::value& body, std::size_t body_bytes,
                                        const config::Hash128& account);
  [[nodiscard]] Parsed<Reply> count_input(const json::value& body, const config::Hash128& account);
  [[nodiscard]] Parsed<std::shared_ptr<const StoredResponse>> previous_of(
      const json::value& body, const config::Hash128& account);
  [[nodiscard]] std::int64_t now_seconds() const;
  void add_account_headers(Reply& reply, const config::Hash128& account);

  World& world_;
  OpenAiCaching caching_;
  ResponseStore store_;
};

}  // namespace foreword::simulator
