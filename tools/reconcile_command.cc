#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "proxy/time_text.h"
#include "tools/admin_connection.h"
#include "tools/commands.h"
#include "tools/ledger_pages.h"
#include "tools/reconcile/comparison.h"
#include "tools/reconcile/provider_report.h"
#include "tools/reconcile/reconcile_text.h"

namespace foreword::tools {
namespace {

/// A month of a large organisation by key, model and minute is some ten.
constexpr std::uintmax_t kMaxReportBytes = 256'000'000;

config::Result<std::string> read_report_file(const std::string& name) {
  std::error_code failure;
  const auto bytes = std::filesystem::file_size(name, failure);
  if (failure) return config::Error{name + ": " + failure.message()};
  if (bytes > kMaxReportBytes) return config::Error{name + ": more than 256 MB is no report"};
  std::ifstream file(name, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) return config::Error{name + ": cannot be read"};
  return {boost::system::in_place_value, std::move(text)};
}

/// The days that differ, whole: rows outside of what the report covers are not looked at.
std::set<std::string> differing_days(const Reconciled& result) {
  std::set<std::string> days;
  for (const auto& [key, lines] : result.lines) {
    if (differs(lines)) days.insert(key.day);
  }
  return days;
}

config::Result<void> find_suspects(const AdminConnection& admin, const Comparison& comparison,
                                   Reconciled& result) {
  for (const auto& day : differing_days(result)) {
    LedgerQuestion question;
    question.range.from = proxy::parse_rfc3339(day);
    question.range.to = *question.range.from + std::chrono::hours(24);
    const auto done = for_each_ledger_row(admin, question, [&](const boost::json::object& row) {
      const auto read = comparison.read(row);
      if (!read) return true;
      const auto lines = result.lines.find(read->key);
      if (lines == result.lines.end() || !differs(lines->second)) return true;
      look_at(row, read->amounts, lines->second, result.report.is_money(),
              result.suspects[read->key]);
      return true;
    });
    if (!done) return done.error();
  }
  return {};
}

}  // namespace

int reconcile_ledger(const StoreSource& store, const ReconcileQuestion& question) {
  const auto tolerance = parse_tolerance(question.tolerance);
  if (!tolerance) {
    fail("--tolerance takes a per cent from 0 to 100, with at most six decimals");
    return kUsage;
  }
  const auto file = read_report_file(question.file);
  if (!file) return fail(file.error().message);
  const auto report = read_provider_report(*file, question.owner);
  if (!report) return fail(question.file + ": " + report.error().message);
  const auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);

  Comparison comparison(*report, LedgerSide{question.upstream});
  LedgerQuestion rows;
  rows.range = {report->covered.front().from, report->covered.back().to};
  const auto read = for_each_ledger_row(*admin, rows, [&](const boost::json::object& row) {
    comparison.add(row);
    return true;
  });
  if (!read) return fail(read.error().message);
  Reconciled result{*report,
                    std::chrono::system_clock::now(),
                    comparison.rows(),
                    comparison.compare(*tolerance),
                    {}};
  const auto looked = find_suspects(*admin, comparison, result);
  if (!looked) return fail(looked.error().message);
  if (question.as_json) {
    fmt::print("{}\n", boost::json::serialize(reconcile_json(result)));
  } else {
    fmt::print("{}", reconcile_text(result));
  }
  return differs(result) ? kFailed : kDone;
}

}  // namespace foreword::tools
