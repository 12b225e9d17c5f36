// What we know of each model: prices, windows, cache rules. Dated data, each entry with its source.
//
// The table is config/models.json, compiled into the program. A model that is not in it is
// `unpriced`: counted and shown, never guessed and never matched by likeness.
//
// A table owns its models and never changes once made: pointers into it live as long as it does,
// and any thread may read it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/money.h"
#include "config/provider.h"
#include "config/result.h"
#include "config/tokens.h"

namespace foreword::config {

using TimePoint = std::chrono::system_clock::time_point;

/// Picodollars per token of each class. A class that the provider does not charge apart has the
/// input price (a cache write at a provider where writing is free).
struct Rates {
  std::array<Picodollars, kTokenClasses> per_token{};
  [[nodiscard]] Picodollars operator[](TokenClass c) const {
    return per_token[static_cast<std::size_t>(c)];
  }
};

/// A term of service that changes the price of every token: 11/10 is a tenth more. Both from 1 to
/// kMaxModifierPart.
struct PriceModifier {
  std::string field;  // of ServiceTerms: "service_tier", "speed", "inference_geo"
  std::string value;
  std::int64_t numerator = 1;
  std::int64_t denominator = 1;
  bool operator==(const PriceModifier&) const = default;
};
/// Three of them together, times the largest bill, stay below 128 bits.
inline constexpr std::int64_t kMaxModifierPart = 1'000'000;

/// The `from` of a price that holds for all time before the next one.
inline constexpr TimePoint kAlways = TimePoint::min();

/// Prices in force from `from` until the next entry's `from`.
struct PricePeriod {
  TimePoint from = kAlways;
  Rates rates;
  /// With more prompt tokens than this, the whole request is billed at `long_rates`.
  std::optional<std::uint64_t> long_context_threshold_tokens;
  Rates long_rates;
  /// Per token and hour that an explicit cache lives (Gemini); nothing: none to be had, or unknown.
  /// Not in a request's cost: nothing in an answer says how long a cache was kept.
  std::optional<Picodollars> storage_per_token_hour;
  /// The model's own; they go before its provider's of the same field and value.
  std::vector<PriceModifier> modifiers;
  /// Where these prices are from; empty: as the model says.
  std::string source;
};

struct Model {
  std::string name;
  Provider provider{};
  std::vector<PricePeriod> prices;  // by ascending `from`; never empty
  std::uint64_t context_window_tokens = 0;
  std::optional<std::uint64_t> max_output_tokens;
  std::optional<std::uint64_t> min_cacheable_tokens;
  /// OpenAI from gpt-5.6 on: content parts may carry prompt_cache_breakpoint.
  bool explicit_breakpoints = false;
  /// About how many bytes of English prose make one token with this model's tokeniser: only for
  /// estimates, which are always labelled as such.
  double bytes_per_token = 4.0;
  std::string source;
  std::string as_of;
  /// The day it came out, "2026-09-28"; empty: not known.
  std::string released;
  /// The day the provider switches it off, "2026-12-11"; empty: none announced.
  std::string retires;
  /// What is unverified or unusual about this entry; may be empty.
  std::string notes;
};

/// What a response said of how it was served; each may change the price of every token.
struct ServiceTerms {
  std::string service_tier;   // OpenAI: default, flex, priority; Anthropic: standard, batch, ...
  std::string speed;          // Anthropic: "fast"
  std::string inference_geo;  // Anthropic: "us"; OpenAI: what its regional addresses begin with
};

/// What a request of a certain size is charged at a certain time.
struct RatesInForce {
  Rates rates;
  bool long_context = false;
};

/// Before the first period's `from`, that period's: for forecasts. A bill asks has_price() first.
[[nodiscard]] RatesInForce rates_in_force(const Model& model, std::uint64_t prompt_tokens,
                                          TimePoint at);

/// The period that holds at `at`, or the first where none does yet.
[[nodiscard]] const PricePeriod& period_at(const Model& model, TimePoint at);
/// False: its first price holds only from a later day on. What was served before is unpriced.
[[nodiscard]] bool has_price(const Model& model, TimePoint at);

struct Cost {
  Picodollars actual = 0;    // what the provider bills
  Picodollars uncached = 0;  // the same tokens with every prompt token at the input price
};

class ModelTable {
 public:
  /// The table compiled into the program.
  [[nodiscard]] static const ModelTable& built_in();
  /// Parses a table in the format of config/models.json.
  [[nodiscard]] static Result<ModelTable> parse(std::string_view json);

  /// The entry for a model as requests and responses name it: exact, or with a `models/` prefix,
  /// or with a trailing date (-20260928, -2026-09-28) or `-latest` taken off; else nullptr.
  [[nodiscard]] const Model* find(Provider provider, std::string_view name) const;

  /// Bytes per token for a model that is not in the table: the provider's most token-hungry entry.
  [[nodiscard]] double fallback_bytes_per_token(Provider provider) const;

  [[nodiscard]] const std::vector<Model>& models() const { return models_; }
  /// Stored in each ledger row: which table priced it, e.g. "2026-11-10".
  [[nodiscard]] const std::string& version() const { return version_; }

  /// What changes the model's prices at `at`: its own, and those of its provider that it has not.
  [[nodiscard]] std::vector<PriceModifier> modifiers(const Model& model, TimePoint at) const;

  /// This table with `models` in place of, or beside, those of the same provider and name.
  /// REQUIRES: each has a price, and none is there twice.
  [[nodiscard]] ModelTable with(std::vector<Model> models, std::string version) const;

  /// The bill for `counts`. Formulas per provider: PROVIDERS facts in config/models.json "sources".
  /// `uncached` uses the long-context rates for the same prompt size and the same terms.
  /// Modifiers multiply; what is then a fraction of a picodollar is rounded half up, once, on the
  /// total. A count too absurd for Picodollars gives the largest Picodollars.
  [[nodiscard]] Cost cost(const Model& model, const TokenCounts& counts, const ServiceTerms& terms,
                          TimePoint at) const;

 private:
  std::string version_;
  std::vector<Model> models_;                                 // sorted by (provider, name)
  std::map<Provider, std::vector<PriceModifier>> modifiers_;  // by field
};

}  // namespace foreword::config
