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

/// How finely a provider finds again what it has cached.
enum class CacheGrain : std::uint8_t {
  breakpoints,  // at the ends of three parts of the knowledge base: Anthropic, OpenAI from 5.6 on
  bytes,        // anywhere: what automatic caches come near to
};

/// One update under one layout, in bytes of what is sent.
struct ReplayStep {
  std::uint64_t rewritten_from_breakpoint = 0;
  std::uint64_t rewritten_from_byte = 0;
  std::uint64_t superseded = 0;
  std::uint64_t total = 0;

  [[nodiscard]] std::uint64_t rewritten(CacheGrain grain) const {
    return grain == CacheGrain::bytes ? rewritten_from_byte : rewritten_from_breakpoint;
  }
};

struct ReplayResult {
  std::vector<ReplayStep> steps;  // one per update that changed something
  /// Reads of the whole history, and its writes from breakpoints and from bytes on, as multiples of
  /// sending the knowledge base as it is after each update once, uncached.
  double reads = 0;
  double writes_from_breakpoints = 0;
  double writes_from_bytes = 0;

  /// Versions, the first one included, whose layers tell each current document exactly once, and
  /// mark all that is superseded as such; and what is wrong with the first of the others.
  std::size_t told_right = 0;
  std::string told_wrong;

  [[nodiscard]] double bill(CacheGrain grain) const {
    return reads + (grain == CacheGrain::bytes ? writes_from_bytes : writes_from_breakpoints);
  }
  [[nodiscard]] double mean_rewritten(CacheGrain grain) const;
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

/// One run of text, its breakpoints at the thirds.
[[nodiscard]] ReplayResult replay_simple(const assembler::Snapshot& base,
                                         const std::vector<KbUpdate>& updates, SimpleLayout layout,
                                         const assembler::LayoutPolicy& policy);

/// The text that changed itself, as the mean share of the knowledge base per update: the least that
/// any layout could write.
struct ChangedText {
  double of_documents = 0;
  double of_sections = 0;
};
[[nodiscard]] ChangedText changed_text(const assembler::Snapshot& base,
                                       const std::vector<KbUpdate>& updates);

}  // namespace foreword::tools
