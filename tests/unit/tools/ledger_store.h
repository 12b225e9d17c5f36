// A store with a ledger in a folder of its own, for commands that open it with --data.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cache/ledger.h"
#include "cache/store.h"
#include "support/temp_dir.h"
#include "tools/command_line.h"
#include "unit/cache/rows.h"

namespace foreword::tools {

class LedgerStore : public testing::Test {
 protected:
  LedgerStore() { source_.data = (folder_.path() / "store").string(); }

  void write(const std::vector<cache::LedgerRow>& rows) const {
    auto store = cache::Store::open(source_.data).value();
    cache::LedgerWriter writer(*store, std::chrono::seconds(1), [](std::string_view) {});
    for (const auto& row : rows) writer.append(row);
  }
  /// What a command prints; its exit code goes to `code_`, its complaint to `complaint_`.
  std::string printed(const std::function<int()>& command) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    code_ = command();
    complaint_ = testing::internal::GetCapturedStderr();
    return testing::internal::GetCapturedStdout();
  }

  test::TempDir folder_;
  StoreSource source_;
  int code_ = -1;
  std::string complaint_;
};

[[nodiscard]] inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace foreword::tools
