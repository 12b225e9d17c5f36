#include "assembler/gate.h"

#include <algorithm>

namespace foreword::assembler {
namespace {

constexpr std::chrono::microseconds kSomeTime = std::chrono::milliseconds(400);
constexpr std::uint64_t kTokensPerSecond = 12'000;

}  // namespace

std::chrono::microseconds time_to_first_byte(std::uint64_t uncached_tokens) {
  return kSomeTime + std::chrono::microseconds(uncached_tokens * 1'000'000 / kTokensPerSecond);
}

std::optional<config::TimePoint> wait_until(std::span<const config::PromptPrefix> prefixes,
                                            const config::Outlook& outlook,
                                            const config::CacheTerms& terms, config::TimePoint now,
                                            std::chrono::milliseconds most) {
  const auto& writing = outlook.in_writing;
  if (!writing || prefixes[writing->position - 1].tokens < terms.min_tokens) return std::nullopt;
  if (writing->visible >= writing->expires) return std::nullopt;
  const auto read = outlook.warm ? prefixes[outlook.warm->position - 1].tokens : 0;
  const auto own = time_to_first_byte(prefixes.back().tokens - read);
  const auto wait = writing->visible - now;
  if (wait > own + own / 2 || wait > most) return std::nullopt;
  return writing->visible;
}

std::chrono::milliseconds longest_wait(std::uint64_t tokens, std::chrono::milliseconds most) {
  const auto worth = 2 * time_to_first_byte(tokens);
  return std::min(most, std::chrono::duration_cast<std::chrono::milliseconds>(worth));
}

}  // namespace foreword::assembler
