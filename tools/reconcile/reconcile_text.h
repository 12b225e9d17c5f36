// A comparison as people and scripts read it.
//
// Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "tools/reconcile/comparison.h"
#include "tools/reconcile/suspects.h"

namespace foreword::tools {

struct Reconciled {
  const ProviderReport& report;
  config::TimePoint now;
  std::uint64_t rows = 0;  // of the ledger, that were compared
  std::map<DayAndModel, std::vector<ComparedLine>> lines;
  std::map<DayAndModel, Suspects> suspects;  // of days and models that differ
};

[[nodiscard]] bool differs(const std::vector<ComparedLine>& lines);
[[nodiscard]] bool differs(const Reconciled& result);

/// The table of both sides, then each day that differs with its likely causes.
[[nodiscard]] std::string reconcile_text(const Reconciled& result);
/// Money as decimal strings in USD, tokens as numbers.
[[nodiscard]] boost::json::object reconcile_json(const Reconciled& result);

}  // namespace foreword::tools
