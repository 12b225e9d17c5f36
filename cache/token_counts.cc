#include "cache/token_counts.h"

#include <charconv>
#include <numeric>
#include <string>

#include "cache/keys.h"

namespace foreword::cache {

using config::Hash128;
using config::Result;

Result<void> put_token_count(Store& store, const Hash128& layer, std::string_view model,
                             std::uint64_t tokens) {
  const Write write{Family::token_counts, token_count_key(config::to_bytes(layer), model),
                    std::to_string(tokens)};
  return store.write({&write, 1}, Durability::buffered);
}

Result<std::optional<std::uint64_t>> get_token_count(const Store& store, const Hash128& layer,
                                                     std::string_view model) {
  const auto key = token_count_key(config::to_bytes(layer), model);
  const auto value = store.get(Family::token_counts, key);
  if (!value) return value.error();
  if (!*value) return std::optional<std::uint64_t>();
  std::uint64_t tokens = 0;
  const auto* const end = (*value)->data() + (*value)->size();
  const auto [at, failed] = std::from_chars((*value)->data(), end, tokens);
  // A damaged one is counted again.
  if (failed != std::errc{} || at != end || tokens == 0) return std::optional<std::uint64_t>();
  return std::optional(tokens);
}

Result<std::optional<std::vector<std::uint64_t>>> get_token_counts(
    const Store& store, std::span<const StoredLayer> layers, std::string_view model) {
  using Counts = std::vector<std::uint64_t>;
  Counts counts;
  for (const auto& layer : layers) {
    const auto count = get_token_count(store, layer.hash, model);
    if (!count) return count.error();
    if (!*count) return std::optional<Counts>();
    counts.push_back(**count);
  }
  return std::optional(std::move(counts));
}

TokenRatio ratio_of(std::span<const StoredLayer> layers, std::span<const std::uint64_t> counts) {
  std::uint64_t bytes = 0;
  for (const auto& layer : layers) bytes += layer.text_bytes;
  const auto tokens = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  TokenRatio ratio;
  ratio.bytes_per_token = static_cast<double>(bytes) / static_cast<double>(tokens);
  ratio.source = RatioSource::counted;
  return ratio;
}

}  // namespace foreword::cache
