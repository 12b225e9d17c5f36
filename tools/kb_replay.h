// What the updates of a knowledge base cost under each layout: a history of documents, replayed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "assembler/layout.h"
#include "config/result.h"

namespace foreword::tools {

struct KbUpdate {
  std::string date;  // 2023-01-31
  /// Since the update before; of the first one 1.
  double days = 1;
  std::map<std::string, std::string> put;
  std::vector<std::string> remove;
};

/// Lines of {"date": "2023-01-31", "put": {path: text}, "remove": [path]}, plain or gzip. An Error
/// names the line.
[[nodiscard]] config::Result<std::vector<KbUpdate>> read_updates(const std::filesystem::path& file);

/// One update under one layout, in bytes of what is sent.
struct ReplayStep {
  std::uint64_t rewritten = 0;
  std::uint64_t superseded = 0;
  std::uint64_t total = 0;
};

struct ReplayResult {
  std::vector<ReplayStep> steps;  // one per update that changed something
  /// Writes and reads of the whole history, as multiples of sending the knowledge base as it is
  /// after each update once, uncached.
  double bill = 0;

  [[nodiscard]] double mean_rewritten() const;
  [[nodiscard]] double max_stale() const;
};

/// Foreword's own layouts: a layer is written again as a whole, with all behind it.
[[nodiscard]] ReplayResult replay_layout(const assembler::Snapshot& base,
                                         const std::vector<KbUpdate>& updates,
                                         const assembler::LayoutPolicy& policy);

enum class SimpleLayout : std::uint8_t {
  path_order,       // documents by path
  changed_to_tail,  // what changes goes behind all others
};

/// One run of text that is written again from the first byte that changed: the best that could be
/// hoped of it, since no provider caches to the byte.
[[nodiscard]] ReplayResult replay_simple(const assembler::Snapshot& base,
                                         const std::vector<KbUpdate>& updates, SimpleLayout layout,
                                         const assembler::LayoutPolicy& policy);

}  // namespace foreword::tools
