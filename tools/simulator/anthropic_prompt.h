// A Messages request as its cache sees it: checked, in prefix order, each block hashed and counted.
//
// Checks are those that concern prompts and caching, in the API's own words as far as they are
// known. Unknown fields are let through. The result owns what it holds except `question`'s source.
// Pure but for the memo.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/models.h"
#include "simulator/anthropic_cache.h"
#include "simulator/errors.h"
#include "simulator/json.h"
#include "simulator/tokenizer.h"

namespace foreword::simulator {

struct AnthropicPrompt {
  std::vector<AnthropicBlock> blocks;
  std::uint64_t tokens = 0;             // sum over blocks
  std::size_t breakpoints = 0;          // explicit ones and the automatic one
  std::size_t tool_blocks = 0;          // blocks[0, tool_blocks) are tools
  std::size_t system_blocks = 0;        // and that many behind them are system
  std::string question;                 // the last user text
  std::vector<std::string_view> texts;  // views into the body: where documents may be
};

/// `version` is the anthropic-version header: 2026-10-21 refuses what 2023-06-01 took.
[[nodiscard]] Parsed<AnthropicPrompt> read_anthropic_prompt(const json::value& body,
                                                            const config::Model& model,
                                                            std::string_view version,
                                                            TokenMemo& memo);

}  // namespace foreword::simulator
