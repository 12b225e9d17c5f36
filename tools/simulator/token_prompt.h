// A prompt as a row of tokens with places marked in it: what OpenAI's and Gemini's caches look at.
//
// The builder holds views into the body it is fed from; the prompt's `texts` are such views as
// well.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "simulator/json.h"
#include "simulator/openai_cache.h"
#include "simulator/tokenizer.h"

namespace foreword::simulator {

struct TokenPrompt {
  std::vector<Token> tokens;
  std::vector<Boundary> boundaries;     // ascending
  std::size_t markers = 0;              // explicit breakpoints
  std::string_view question;            // the last user text
  std::vector<std::string_view> texts;  // where documents may be
};

class TokenPromptBuilder {
 public:
  TokenPromptBuilder(std::size_t piece_bytes, TokenMemo& memo)
      : piece_bytes_(piece_bytes), memo_(memo) {}

  /// What stands around a message in every chat format: its role and its bounds.
  void add_role(std::string_view role);
  void add_text(std::string_view text, std::string_view role);
  /// A tool, a call, a schema: counted as its JSON.
  void add_json(const json::value& value);
  /// An image, a file: a fixed number of tokens that depend on its bytes.
  void add_media(const json::value& value);
  /// The place behind the last token added.
  Boundary& boundary();
  void mark(OpenAiTtl ttl);

  /// Hashes the boundaries' prefixes.
  [[nodiscard]] TokenPrompt finish();

 private:
  std::size_t piece_bytes_;
  TokenMemo& memo_;
  TokenPrompt prompt_;
};

}  // namespace foreword::simulator
