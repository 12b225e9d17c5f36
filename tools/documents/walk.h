// Finds the files under folders that could be documents, without reading any of them.
//
// Reads names, .gitignore files and what stat() says. Follows no link, opens nothing but folders
// and .gitignore files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "config/result.h"
#include "tools/documents/file_kind.h"
#include "tools/documents/skipped.h"

struct stat;

namespace foreword::tools {

/// What changes when a file does. Times are nanoseconds since 1970.
struct FileStamp {
  std::uint64_t bytes = 0;
  std::int64_t modified = 0;
  std::int64_t changed = 0;
  std::uint64_t inode = 0;
  std::uint64_t device = 0;
  bool operator==(const FileStamp&) const = default;
};
[[nodiscard]] FileStamp stamp_of(const struct stat& info);

struct FoundFile {
  std::filesystem::path file;
  /// The document's path, not yet normalised.
  std::string name;
  FileKind kind{};
  FileStamp stamp;
};

struct Walk {
  std::vector<FoundFile> files;
  std::vector<Skipped> skipped;
};

struct WalkOptions {
  /// Takes files whose names look like those of secrets.
  bool allow_secrets = false;
  /// Called with each folder before it is read.
  std::function<void(const std::filesystem::path&)> on_folder;
};

/// Folders in the order given, entries by name. A file that is named itself is taken whatever its
/// ending, unless it looks like a secret. A document's path is relative to the folder that was
/// named; with several PATHs the folder's own name stands in front. An Error: a PATH is not there,
/// or there are too many files.
[[nodiscard]] config::Result<Walk> walk(const std::vector<std::filesystem::path>& paths,
                                        const WalkOptions& options);

}  // namespace foreword::tools
