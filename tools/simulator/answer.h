// What the simulated model says: a fixed text made from the question and the documents in the
// prompt.
//
// The same prompt always gets the same answer. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace foreword::simulator {

struct AnswerRequest {
  std::string_view question;
  std::span<const std::string_view> texts;  // of the prompt: where <source>PATH</source> may stand
  std::size_t piece_bytes = 0;              // of the model's tokeniser
  std::uint64_t target_tokens = 0;          // the model stops of itself about here
  std::optional<std::uint64_t> max_tokens;  // and is stopped here
  bool as_json = false;                     // the request wants a JSON document
};

struct Delta {
  std::string text;
  std::uint64_t tokens_so_far = 0;
};

struct Answer {
  std::vector<Delta> deltas;
  bool is_cut = false;  // stopped by max_tokens

  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::uint64_t tokens() const;
};

[[nodiscard]] Answer compose_answer(const AnswerRequest& request);

}  // namespace foreword::simulator
