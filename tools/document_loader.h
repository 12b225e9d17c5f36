// Files and folders to documents. Runs in the command's own process, never in the proxy; formats
// that take more than reading are extracted by worker processes (documents/extract_worker.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "config/result.h"
#include "proxy/knowledge_bases.h"
#include "tools/documents/skipped.h"
#include "tools/documents/stamp_cache.h"

namespace foreword::tools {

struct LoadedDocuments {
  /// By path. A text that the store has (LoadOptions::stored) is left out: its hash is there.
  std::vector<proxy::RawDocument> documents;
  /// By path.
  std::vector<Skipped> skipped;
  std::uint64_t text_bytes = 0;  // of all documents, left out or not
  std::size_t files_read = 0;    // the others are known by their stamps
};

struct LoadProgress {
  std::size_t files_done = 0;
  std::size_t files = 0;
  std::uint64_t text_bytes = 0;
};

struct LoadOptions {
  /// Takes what looks like a secret too.
  bool allow_secrets = false;
  /// Hashes of normalised texts that need not be sent again.
  std::set<config::Hash128> stored;
  /// Not owned. nullptr: every file is read.
  StampCache* cache = nullptr;
  /// Called from one thread at a time.
  std::function<void(const LoadProgress&)> on_progress;
  /// Called with each folder before it is read.
  std::function<void(const std::filesystem::path&)> on_folder;
  /// Asked between files; true ends the load with an Error.
  std::function<bool()> stopped;
};

/// Walks folders for what walk() finds, and reads it as far as it has to. What cannot be taken is
/// skipped and listed. An Error: a PATH is not there, or all of it is more than
/// limits::kMaxLoadedBytes.
[[nodiscard]] config::Result<LoadedDocuments> load_documents(
    const std::vector<std::filesystem::path>& paths, const LoadOptions& options = {});

}  // namespace foreword::tools
