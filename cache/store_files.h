// Looks at a folder before RocksDB is let into it.
//
// Private to cache/. Thread-safe; two processes may race, RocksDB's own lock decides between them.
#pragma once

#include <filesystem>

#include "config/result.h"

namespace foreword::cache {

/// Makes the folder where it is missing (mode 0700, parents too). An Error for a folder that holds
/// anything but a store this program can read: nothing in it has been touched then.
[[nodiscard]] config::Result<void> prepare_folder(const std::filesystem::path& path);

}  // namespace foreword::cache
