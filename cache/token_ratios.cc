#include "cache/token_ratios.h"

#include <algorithm>
#include <cmath>

#include "config/limits.h"

namespace foreword::cache {
namespace {

/// What other text, or a sibling of the model, may add: tables and code make shorter tokens.
constexpr double kOtherTextError = 0.10;
/// However well requests agree: the next update's text is not the one that was counted.
constexpr double kLeastError = 0.002;
/// Below, the marks around the inserted text would show in the ratio.
constexpr std::uint64_t kLeastInsertedBytes = 16'384;
/// An inserted byte more often than the client's own.
constexpr std::uint64_t kDominance = 10;
constexpr double kErrorQuantile = 0.9;

/// Of an unordered list that is not empty.
double quantile(std::vector<double> values, double q) {
  const auto last = static_cast<double>(values.size() - 1);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::ceil(q * last));
  std::ranges::nth_element(values, at);
  return *at;
}

bool same_tokeniser(const config::Model& a, const config::Model& b) {
  return a.provider == b.provider && a.bytes_per_token == b.bytes_per_token;
}

}  // namespace

std::string_view name_of(RatioSource source) {
  switch (source) {
    case RatioSource::counted:
      return "counted";
    case RatioSource::own_requests:
      return "own_requests";
    case RatioSource::other_requests:
      return "other_requests";
    case RatioSource::table:
      break;
  }
  return "table";
}

std::uint64_t TokenRatio::tokens(std::uint64_t text_bytes) const {
  return static_cast<std::uint64_t>(
      std::llround(static_cast<double>(text_bytes) / bytes_per_token));
}

void TokenRatios::learn(const LedgerRow& row, const TextShare& text_share) {
  if (row.usage_source != UsageSource::reported || row.kb.empty()) return;
  if (row.inserted_bytes < kLeastInsertedBytes) return;
  if (row.inserted_bytes / kDominance < row.request_bytes) return;
  const auto* model = models_->find(row.provider, row.model);
  const auto share = text_share(row.kb);
  if (model == nullptr || !share) return;
  const auto prompt = static_cast<double>(row.tokens.prompt());
  const auto clients = static_cast<double>(row.request_bytes) / model->bytes_per_token;
  if (clients >= prompt) return;
  Sample sample;
  sample.bytes_per_token = static_cast<double>(row.inserted_bytes) * *share / (prompt - clients);
  sample.client_share = clients / prompt;
  samples_[{model, row.kb}].push_back(sample);
}

TokenRatio TokenRatios::fit(Samples samples) {
  std::vector<double> ratios;
  for (const auto& sample : samples) ratios.push_back(sample.bytes_per_token);
  TokenRatio ratio;
  ratio.bytes_per_token = quantile(ratios, 0.5);
  std::vector<double> errors;
  for (const auto& sample : samples) {
    const auto deviation = std::abs(sample.bytes_per_token / ratio.bytes_per_token - 1);
    errors.push_back(deviation + sample.client_share * kTableRatioError);
  }
  ratio.error = std::max(quantile(std::move(errors), kErrorQuantile), kLeastError);
  ratio.requests = samples.size();
  return ratio;
}

TokenRatio TokenRatios::of(const config::Model& model, std::string_view kb) const {
  if (const auto own = samples_.find({&model, std::string(kb)}); own != samples_.end()) {
    auto ratio = fit(own->second);
    ratio.source = RatioSource::own_requests;
    return ratio;
  }
  Samples of_model;
  Samples of_siblings;
  for (const auto& [key, samples] : samples_) {
    auto& into = key.first == &model ? of_model : of_siblings;
    if (same_tokeniser(*key.first, model)) into.insert(into.end(), samples.begin(), samples.end());
  }
  auto& others = of_model.empty() ? of_siblings : of_model;
  if (others.empty()) {
    TokenRatio ratio;
    ratio.bytes_per_token = model.bytes_per_token;
    ratio.error = kTableRatioError;
    return ratio;
  }
  auto ratio = fit(std::move(others));
  ratio.error += kOtherTextError;
  ratio.source = RatioSource::other_requests;
  return ratio;
}

config::Result<TokenRatios> read_token_ratios(const Store& store, const config::ModelTable& models,
                                              const TextShare& text_share) {
  const auto rows = latest_rows(store, config::limits::kCalibrationRows, std::nullopt);
  if (!rows) return rows.error();
  TokenRatios ratios(models);
  for (const auto& row : *rows) ratios.learn(row, text_share);
  return ratios;
}

}  // namespace foreword::cache
