// Whether a prompt should wait for another one that is writing what it would write too.
//
// Pure. An entry can be read from its writer's first byte on. A prompt that is sent before writes
// all of it again, at more than ten times the price of reading it; and its own first byte comes
// once the provider has read the whole prompt. So waiting is worth it while the writer's first byte
// is about as near as the prompt's own would be, half as long again at most: it then costs hardly
// any time either.
#pragma once

#include <chrono>
#include <optional>
#include <span>

#include "config/cache_terms.h"
#include "config/outlook.h"

namespace foreword::assembler {

/// How long a provider takes to its first byte: some time, and what it reads that is not cached.
/// None of them publishes it.
[[nodiscard]] std::chrono::microseconds time_to_first_byte(std::uint64_t uncached_tokens);

/// When to ask again; nothing: send it now. At most `most` from now.
[[nodiscard]] std::optional<config::TimePoint> wait_until(
    std::span<const config::PromptPrefix> prefixes, const config::Outlook& outlook,
    const config::CacheTerms& terms, config::TimePoint now, std::chrono::milliseconds most);

/// How long a prompt of so many tokens waits in all, at most: twice the time to its own first byte.
[[nodiscard]] std::chrono::milliseconds longest_wait(std::uint64_t tokens,
                                                     std::chrono::milliseconds most);

}  // namespace foreword::assembler
