// Every training example, from a running proxy or a store, one page in memory at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "cache/ledger.h"
#include "config/result.h"
#include "tools/admin_connection.h"

namespace foreword::tools {

struct DistillQuestion {
  cache::TimeRange range;
  std::string label;   // exactly; empty: all
  std::string format;  // as the admin API names it
};

struct DistillResult {
  std::uint64_t examples = 0;
  std::map<std::string, std::uint64_t> left_out;  // by reason
};

/// "?label=...", or empty: what the questions under /api/distill have in common.
[[nodiscard]] std::string selection_query(const cache::TimeRange& range, const std::string& label);

/// Lines of JSON, oldest first; `visit` returns false to stop.
[[nodiscard]] config::Result<DistillResult> for_each_example(
    const AdminConnection& admin, const DistillQuestion& question,
    const std::function<bool(std::string_view)>& visit);

/// One line for a person: "1204 examples; left out: 3 with images, documents or sound".
[[nodiscard]] std::string summary_of(const DistillResult& result);

}  // namespace foreword::tools
