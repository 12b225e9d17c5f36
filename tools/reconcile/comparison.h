// The ledger beside a provider's report.
//
// Pure: no I/O, one caller. Memory grows with days and models, not with rows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "config/result.h"
#include "tools/reconcile/provider_report.h"

namespace foreword::tools {

/// How far two sides may be apart, in millionths of a per cent of the provider's side.
struct Tolerance {
  std::uint64_t millionths = 0;
};
/// "0", "0.5": a per cent; nothing: not from 0 to 100 with at most six decimals.
[[nodiscard]] std::optional<Tolerance> parse_tolerance(std::string_view text);

/// Which rows of the ledger are compared, besides those of the report's provider and time.
struct LedgerSide {
  std::string upstream;  // empty: all of the provider's
};

struct ComparedLine {
  Amount ledger = 0;
  Amount provider = 0;
  bool differs = false;
  [[nodiscard]] Amount difference() const { return ledger - provider; }
};

class Comparison {
 public:
  /// `report` outlives it.
  Comparison(const ProviderReport& report, LedgerSide side) : report_(report), side_(side) {}

  /// The row's day, model and amounts by line; nothing: the report is not about this row. Rows are
  /// as the admin API tells them (proxy/admin_json.h).
  struct Row {
    DayAndModel key;
    std::vector<Amount> amounts;
  };
  [[nodiscard]] std::optional<Row> read(const boost::json::object& row) const;

  void add(const boost::json::object& row);
  [[nodiscard]] std::uint64_t rows() const { return rows_; }

  /// By day and model, each with the report's lines.
  [[nodiscard]] std::map<DayAndModel, std::vector<ComparedLine>> compare(Tolerance tolerance) const;

 private:
  const ProviderReport& report_;
  LedgerSide side_;
  std::uint64_t rows_ = 0;
  std::map<DayAndModel, std::vector<Amount>> ledger_;
};

}  // namespace foreword::tools
