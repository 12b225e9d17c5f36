// Follows [alias] entries to the models that they stand for, and says what is wrong with them.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace foreword::config {

struct AliasProblem {
  std::string alias;
  std::string text;  // what follows the key in an error
};

/// Each alias gets the model at the end of its chain, and all are sorted by name. Wrong are: a
/// chain that comes back to itself; a model that is in no price table, unless `knows_all_models` is
/// false (an upstream of the operator's own serves models that no table has).
[[nodiscard]] std::vector<AliasProblem> resolve_aliases(std::vector<ModelAlias>& aliases,
                                                        bool knows_all_models);

}  // namespace foreword::config
