// The policies that can be replayed, by name.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/cache_terms.h"
#include "tools/replay/policy.h"

namespace foreword::replay {

struct NamedPolicy {
  std::string name;  // one that marks has its time to live at the end: "spread-5m"
  std::string what;  // for people, in a few words
  /// Of a provider without any cache if `caches` is false, else of the one replayed.
  bool caches = true;
  /// Trace and terms have to outlive the policy.
  std::function<std::unique_ptr<Policy>(const Trace&, const config::CacheTerms&)> make;
};

/// Those that these terms allow, in the order to show them: without marks, none and automatic.
[[nodiscard]] std::vector<NamedPolicy> policies(const config::CacheTerms& terms);

/// 300 -> "5m", 43'200 -> "12h".
[[nodiscard]] std::string ttl_name(std::int32_t seconds);

}  // namespace foreword::replay
