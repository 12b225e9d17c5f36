// What can be wrong with the sections [kb.NAME] although each value by itself is good.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/settings.h"

namespace foreword::config {

struct KbProblem {
  std::string kb;
  std::string field;  // "models"
  std::string text;   // what follows the key in an error; repeats nothing of the values
};

/// A model that the built-in table does not have; more knowledge bases attached to one label than a
/// request may have; one to be kept warm without a key to do it with.
[[nodiscard]] std::vector<KbProblem> problems_of_kbs(std::span<const KbSettings> kbs,
                                                     std::span<const UpstreamSettings> upstreams);

}  // namespace foreword::config
