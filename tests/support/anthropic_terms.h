// The prompt cache of most of Anthropic's models (platform.claude.com, prompt-caching, 2026-08-21).
#pragma once

#include "config/cache_terms.h"

namespace foreword::test {

inline constexpr config::CacheTerms kAnthropicTerms{.read = 0.1,
                                                    .write_short = 1.25,
                                                    .write_long = 2,
                                                    .ttl_short_s = 300,
                                                    .ttl_long_s = 3600,
                                                    .min_tokens = 1024,
                                                    .max_marks = 4,
                                                    .lookback = 20,
                                                    .marks = true};

}  // namespace foreword::test
