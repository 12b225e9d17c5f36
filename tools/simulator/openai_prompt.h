// Chat Completions and Responses requests as OpenAI's cache sees them: checked, in prefix order,
// cut into tokens.
//
// The order is tools, output schema, instructions, messages or input. Unknown fields are let
// through; cache fields are refused where the API refuses them. Views point into the body (and into
// earlier items). Pure but for the memo.
#pragma once

#include <span>
#include <string>

#include "config/models.h"
#include "simulator/errors.h"
#include "simulator/json.h"
#include "simulator/token_prompt.h"

namespace foreword::simulator {

/// prompt_cache_options, with the API's defaults.
struct OpenAiCacheOptions {
  bool is_explicit = false;
  OpenAiTtl ttl = OpenAiTtl::half_hour;
  bool prewarm = false;  // fill the cache, generate nothing
};

[[nodiscard]] Parsed<OpenAiCacheOptions> read_cache_options(const json::value& body,
                                                            Dialect dialect,
                                                            const config::Model& model);

/// How long a model before gpt-5.6 keeps prefixes, by prompt_cache_retention and the default.
[[nodiscard]] Parsed<bool> keeps_prefixes_a_day(const json::value& body, const config::Model& model,
                                                bool zero_data_retention);

/// Settings that make another prefix of the same text.
[[nodiscard]] std::string cache_breaking_settings(const json::value& body);

[[nodiscard]] Parsed<TokenPrompt> read_chat_prompt(const json::value& body,
                                                   const config::Model& model,
                                                   const OpenAiCacheOptions& options,
                                                   TokenMemo& memo);

/// `earlier` are the items of the responses that previous_response_id leads to, the oldest first.
[[nodiscard]] Parsed<TokenPrompt> read_responses_prompt(const json::value& body,
                                                        std::span<const json::value* const> earlier,
                                                        const config::Model& model,
                                                        const OpenAiCacheOptions& options,
                                                        TokenMemo& memo);

/// gpt-5 and later, and the o-series, think before they answer.
[[nodiscard]] bool is_reasoning_model(const config::Model& model);

}  // namespace foreword::simulator
