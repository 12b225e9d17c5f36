// What prompts paid for although a cache could have served it, and why it did not.
//
// Told from the ledger's rows alone, newest first: what a prompt missed is explained by the prompt
// before it with the same upstream, model and knowledge base. Tokens of a knowledge base are
// estimates, and so is what they cost. Money is picodollars, at the prices of the row's own time.
//
// Thread-safe. A ledger that cannot be read is an Error.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "cache/row_window.h"
#include "config/models.h"
#include "config/money.h"

namespace foreword::cache {

enum class MissCause : std::uint8_t {
  // By why_missed(), from the rows that were looked at; where none of them says for how long what
  // was used had been written, for the model's shorter time.
  first_use,
  new_version,
  expired,
  together,  // MissReason::too_soon
  unexplained,
  refused,        // the upstream refused what Foreword asks for caching with
  left_out,       // the knowledge base did not go into the prompt (the row's placement says why)
  too_short,      // no knowledge base, and shorter than what the model's cache takes
  not_asked_for,  // no knowledge base, long enough, and nothing of it was read or written
  broken_off,     // paid for an answer that did not reach its end
};
inline constexpr std::size_t kMissCauses = 10;
[[nodiscard]] std::string_view name_of(MissCause cause);

struct Miss {
  std::uint64_t requests = 0;
  /// Prompt tokens that were not read from a cache; of broken_off all that were billed.
  std::uint64_t tokens = 0;
  /// What they cost beyond a read. Of not_asked_for that is the most that could be saved, had every
  /// token been read; of left_out and too_short nothing could be; of broken_off all that was paid.
  config::PicodollarTotal lost = 0;
};

struct Misses {
  RowWindow window;
  std::uint64_t prompts = 0;  // of these rows, those that were answered and have a price
  std::uint64_t hits = 0;     // of these, those that read from a cache and missed nothing
  std::array<Miss, kMissCauses> by_cause{};
  [[nodiscard]] const Miss& of(MissCause cause) const {
    return by_cause[static_cast<std::size_t>(cause)];
  }
};

[[nodiscard]] config::Result<Misses> misses(const Store& store, const TimeRange& range,
                                            const config::ModelTable& models,
                                            std::uint64_t most_rows = kMaxWindowRows);

}  // namespace foreword::cache
