#include <chrono>
#include <cstdio>
#include <string>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "tools/admin_connection.h"
#include "tools/commands.h"
#include "tools/ledger_export.h"
#include "tools/ledger_pages.h"
#include "tools/period.h"

namespace foreword::tools {
namespace {

/// False: standard output takes no more, because a disk is full or a reader has left.
bool write_out(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
}

}  // namespace

int export_ledger(const StoreSource& store, const ExportQuestion& question) {
  auto range = read_period(question.period, std::chrono::system_clock::now());
  if (!range) {
    fail(range.error().message);
    return kUsage;
  }
  const auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  const bool csv = question.format == "csv";
  bool written = !csv || write_out(ledger_csv_header());
  const LedgerQuestion rows{*std::move(range), question.label};
  const auto done = for_each_ledger_row(*admin, rows, [&](const boost::json::object& row) {
    written = written && write_out(csv ? ledger_csv_line(row) : boost::json::serialize(row) + "\n");
    return written;
  });
  if (!done) return fail(done.error().message);
  if (!written || std::fflush(stdout) != 0) return fail("not all rows could be written");
  return kDone;
}

}  // namespace foreword::tools
