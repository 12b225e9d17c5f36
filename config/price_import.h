// Prices from outside: what a file says of a model, and what of that a table takes.
//
// Everything here is pure and thread-safe. The rules:
// - What a file does not name is not guessed to have changed: a class without a price keeps its
//   ratio to the input price, a long-context tier its ratio to the prices without it, and what the
//   table knows apart from prices (windows, minimums) stays.
// - A new price of a known model holds from its date on. Changes that the table has for later stay.
// - The first price of an unknown model holds for all time before too, as those of
// config/models.json
//   do, unless a date is given.
// - An entry of the table that is newer (`as_of`) than the import goes before it: after an update
// of
//   the program, what was imported before counts only where the table knows nothing newer.
// - A later import of the same model and date replaces the earlier one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/models.h"

namespace foreword::config {

/// Picodollars per token of the classes that are named.
using NamedRates = std::array<std::optional<Picodollars>, kTokenClasses>;

/// What a file says of one model. Input and output are always named.
struct PriceOffer {
  Provider provider{};
  std::string name;  // as requests name it
  NamedRates rates;
  std::optional<std::uint64_t> long_context_threshold_tokens;
  NamedRates long_rates;  // with a threshold: input and output are named too
  std::vector<PriceModifier> modifiers;
  std::optional<std::uint64_t> context_window_tokens;
  std::optional<std::uint64_t> max_output_tokens;
  std::optional<std::uint64_t> min_cacheable_tokens;
  std::string retires;  // YYYY-MM-DD, or empty
};

/// Offers that belong together.
struct PriceImport {
  std::string file;               // its name, for people
  TimePoint imported;             // when
  std::optional<TimePoint> from;  // midnight UTC; nothing: the day of the import, see above
  std::vector<PriceOffer> offers;
};

/// An array of offers in the terms of config/models.json, and back. The Error names what is wrong
/// with which.
[[nodiscard]] Result<std::vector<PriceOffer>> parse_offers(std::string_view json);
[[nodiscard]] std::string offers_json(std::span<const PriceOffer> offers);

enum class Verdict : std::uint8_t {
  added,    // the model was not in the table
  changed,  // it costs something else
  same,     // nothing to take
  refused,  // `reason` says why
};
[[nodiscard]] std::string_view name_of(Verdict verdict);

/// One thing that becomes another. Of a modifier: `from` and `to` are percents as text.
struct PriceChange {
  std::string what;  // "cache_read", "long-context output", "service_tier=priority"
  std::string from;  // USD per million tokens; empty: there was none
  std::string to;
  std::string percent;  // "+50 %"; empty where there is nothing to compare
};

struct Weighed {
  Verdict verdict{};
  std::string reason;
  std::vector<PriceChange> changes;
  std::vector<std::string> remarks;  // what was kept or inferred, a line each
  Model model;                       // added, changed: the entry as it becomes
};

/// What `table` makes of `offer`; of `import` only the dates and the name count.
[[nodiscard]] Weighed weigh(const ModelTable& table, const PriceOffer& offer,
                            const PriceImport& import);

/// `table` with what it takes of the imports, one after the other. Its version says how many.
[[nodiscard]] ModelTable with_imports(const ModelTable& table,
                                      std::span<const PriceImport> imports);

}  // namespace foreword::config
