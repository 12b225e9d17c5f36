// A generateContent request as Gemini's cache sees it: system instruction, tools, contents, cut
// into tokens.
//
// Fields may come in either spelling (systemInstruction, system_instruction). Views point into the
// body. Pure but for the memo.
#pragma once

#include <cstdint>
#include <optional>

#include "config/models.h"
#include "simulator/errors.h"
#include "simulator/json.h"
#include "simulator/token_prompt.h"

namespace foreword::simulator {

[[nodiscard]] Parsed<TokenPrompt> read_gemini_prompt(const json::value& body,
                                                     const config::Model& model, TokenMemo& memo);

struct GeminiGeneration {
  std::optional<std::uint64_t> max_output_tokens;
  bool thinks = true;  // unless the thinking budget is 0
  bool as_json = false;
};

[[nodiscard]] GeminiGeneration read_generation_config(const json::value& body);

}  // namespace foreword::simulator
