// What is wrong, odd or old in a price table: `foreword prices check`, and what an import refuses.
//
// Pure functions, thread-safe. The rules are the providers' own (sources in config/models.json):
// Anthropic writes at 1.25x and 2x of input, OpenAI free before gpt-5.6 and at 1.25x and 2.5x from
// then on, Gemini free; a read never costs more than input.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/models.h"

namespace foreword::config {

enum class FindingLevel : std::uint8_t {
  note,     // to know: a price that changes soon
  warning,  // to look at: a model that is switched off, a price that nobody has looked at for long
  error,    // a bill by this price would be wrong
};
[[nodiscard]] std::string_view name_of(FindingLevel level);

struct Finding {
  FindingLevel level{};
  Provider provider{};
  std::string model;
  std::string what;  // one line
};

struct CheckQuestion {
  TimePoint today;
  std::chrono::days oldest{90};  // of `as_of`
  std::chrono::days ahead{60};   // how far to look for retirements and changes
};

/// What makes a bill wrong, of level error. Periods that are over are not looked at.
[[nodiscard]] std::vector<Finding> price_errors(const Model& model, TimePoint today);
/// All findings of all models, in the order of the table.
[[nodiscard]] std::vector<Finding> check_prices(const ModelTable& table,
                                                const CheckQuestion& question);

}  // namespace foreword::config
