// How RocksDB is set up: the families and the bounds on its memory, threads and files.
//
// Private to cache/: this header shows RocksDB. Pure functions, thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include <rocksdb/db.h>

namespace foreword::cache {

[[nodiscard]] rocksdb::DBOptions database_options();

/// In the order of Family, so that handles can be indexed by it; then RocksDB's own `default`.
[[nodiscard]] std::vector<rocksdb::ColumnFamilyDescriptor> family_descriptors();

/// Whether a family of that name is one that this program knows.
[[nodiscard]] bool is_known_family(std::string_view name);

}  // namespace foreword::cache
