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

/// Prices in force from `from` until the next entry's `from`.
struct PricePeriod {
  TimePoint from;
  Rates rates;
  /// With more prompt tokens than this, the whole request is billed at `long_rates`.
  std::optional<std::uint64_t> long_context_threshold_tokens;
  Rates long_rates;
};

struct Model {
  std::string name;
  Provider provider{};
  std::vector<PricePeriod> prices;  // by ascending `from`; never empty
  std::uint64_t context_window_tokens = 0;
  std::optional<std::uint64_t> min_cacheable_tokens;
  /// OpenAI from gpt-5.6 on: content parts may carry prompt_cache_breakpoint.
  bool explicit_breakpoints = false;
  /// About how many bytes of English prose make one token with this model's tokeniser: only for
  /// estimates, which are always labelled as such.
  double bytes_per_token = 4.0;
  std::string source;
  std::string as_of;
  /// The day the provider switches it off, "2026-12-11"; empty: none announced.
  std::string retires;
  /// What is unverified or unusual about this entry; may be empty.
  std::string notes;
};

/// What a response said of how it was served; each may change the price of every token.
struct ServiceTerms {
  std::string service_tier;   // OpenAI: default, flex, priority; Anthropic: standard, batch, ...
  std::string speed;          // Anthropic: "fast"
  std::string inference_geo;  // Anthropic: "us"
};

/// A term of service that changes the price of every token: 110 is a tenth more.
struct PriceModifier {
  std::string field;  // of ServiceTerms: "service_tier", "speed", "inference_geo"
  std::string value;
  std::int64_t percent = 100;
};

/// What a request of a certain size is charged at a certain time.
struct RatesInForce {
  Rates rates;
  bool long_context = false;
};

[[nodiscard]] RatesInForce rates_in_force(const Model& model, std::uint64_t prompt_tokens,
                                          TimePoint at);

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

  /// The bill for `counts`. Formulas per provider: PROVIDERS facts in config/models.json "sources".
  /// `uncached` uses the long-context rates for the same prompt size and the same terms.
  /// Modifiers multiply; what is then a fraction of a picodollar is rounded half up, once, on the
  /// total. A count too absurd for Picodollars gives the largest Picodollars.
  [[nodiscard]] Cost cost(const Model& model, const TokenCounts& counts, const ServiceTerms& terms,
                          TimePoint at) const;

 private:
  std::string version_;
  std::vector<Model> models_;  // sorted by (provider, name)
  std::map<Provider, std::vector<PriceModifier>> modifiers_;
};

}  // namespace foreword::config
