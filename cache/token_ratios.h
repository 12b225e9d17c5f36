// How many bytes of a knowledge base's text make a token, for each model: learned from what
// providers reported, else what the model table says.
//
// Tokenisers count the same text up to 35 % apart, and one tokeniser counts prose and code as far
// apart: so a ratio is of a model and of a knowledge base, and says how far to trust it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/ledger.h"
#include "config/models.h"
#include "config/result.h"

namespace foreword::cache {

/// From the best to the worst.
enum class RatioSource : std::uint8_t {
  counted,         // by the provider, of these very bytes (token_counts.h)
  own_requests,    // of that knowledge base to that model
  other_requests,  // of other knowledge bases, or to models that the table gives the same tokeniser
  table,           // bytes_per_token of config/models.json
};
[[nodiscard]] std::string_view name_of(RatioSource source);

/// How far a ratio may err that only the table knows.
inline constexpr double kTableRatioError = 0.15;

struct TokenRatio {
  double bytes_per_token = 4.0;
  /// The true number of tokens is within this share of the estimate: for nine requests of ten that
  /// it was learned from, or as far as a rule of thumb may err.
  double error = 0;
  RatioSource source = RatioSource::table;
  std::uint64_t requests = 0;

  [[nodiscard]] std::uint64_t tokens(std::uint64_t text_bytes) const;
};

/// Of what was inserted into a request, so much is text before it was escaped for JSON; nothing if
/// the knowledge base is not known.
using TextShare = std::function<std::optional<double>(std::string_view kb)>;

/// A value: thread-safe once it is filled. The ModelTable has to outlive it.
class TokenRatios {
 public:
  explicit TokenRatios(const config::ModelTable& models) : models_(&models) {}

  /// Takes what the row has to teach. Rows without reported usage, or whose knowledge base is not
  /// much the greater part of the prompt, have nothing: how a client's own JSON, tools and images
  /// are counted is not known.
  void learn(const LedgerRow& row, const TextShare& text_share);

  [[nodiscard]] TokenRatio of(const config::Model& model, std::string_view kb) const;

 private:
  struct Sample {
    double bytes_per_token = 0;
    double client_share = 0;  // of the prompt's tokens
  };
  using Samples = std::vector<Sample>;
  [[nodiscard]] static TokenRatio fit(Samples samples);

  const config::ModelTable* models_;
  std::map<std::pair<const config::Model*, std::string>, Samples> samples_;
};

/// Learns from the latest rows (limits::kCalibrationRows). Reads the store.
[[nodiscard]] config::Result<TokenRatios> read_token_ratios(const Store& store,
                                                            const config::ModelTable& models,
                                                            const TextShare& text_share);

}  // namespace foreword::cache
