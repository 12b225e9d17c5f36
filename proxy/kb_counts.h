// How many tokens a knowledge base has, by the providers' own count where they were asked.
//
// A count is of one layer and one model, and is kept with the layer, so that none is asked for
// twice. What a client's question and its own tools add is not in it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cache/knowledge.h"
#include "config/models.h"
#include "proxy/services.h"

namespace foreword::proxy {

struct KbCount {
  /// Of each layer; nothing where a provider did not say.
  std::optional<std::vector<std::uint64_t>> layers;
  /// Why it did not, if it was asked; else empty.
  std::string failure;
};
using KbCounts = std::map<const config::Model*, KbCount>;

/// Those that are known. A store that cannot be read knows none.
[[nodiscard]] KbCounts known_counts(const cache::Store& store,
                                    const std::vector<const config::Model*>& models,
                                    const std::vector<cache::StoredLayer>& layers);

/// Asks for what is not known, where the model's upstream has a key; blocks for the answers, one
/// after another. `escaped`: the bytes of each of the layers. Thread-safe.
[[nodiscard]] KbCounts count_tokens(const Services& services, cache::Store& store,
                                    const std::vector<const config::Model*>& models,
                                    const std::vector<cache::StoredLayer>& layers,
                                    const std::vector<std::string>& escaped);

}  // namespace foreword::proxy
