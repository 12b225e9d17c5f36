#include "cache/store_options.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstddef>
#include <memory>
#include <string>

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include "cache/store.h"

namespace foreword::cache {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

// The memory that the store may hold at rest: cached blocks and rows not yet in a table.
constexpr std::size_t kBlockCacheBytes = 8 * kMiB;
constexpr std::size_t kAllWriteBuffersBytes = 8 * kMiB;
constexpr std::size_t kWriteBufferBytes = 2 * kMiB;
/// Also the time that opening may take after a kill: this much is read again.
constexpr std::size_t kLogBytes = 16 * kMiB;
constexpr std::size_t kTableBytes = 16 * kMiB;
constexpr int kOpenFiles = 64;

enum class Values : std::uint8_t {
  small,
  large,
  passing,  // large, and the oldest are always the first to go
  rows,     // small, nearly all of them put in the order of their keys
};

struct FamilyEntry {
  Family family;
  const char* name;
  Values values;
};

constexpr std::array kFamilies = {
    FamilyEntry{Family::meta, "meta", Values::small},
    FamilyEntry{Family::documents, "documents", Values::large},
    FamilyEntry{Family::versions, "versions", Values::small},
    FamilyEntry{Family::layers, "layers", Values::large},
    FamilyEntry{Family::ledger, "ledger", Values::rows},
    FamilyEntry{Family::history, "history", Values::small},
    FamilyEntry{Family::old_versions, "old_versions", Values::large},
    FamilyEntry{Family::unfinished, "unfinished", Values::small},
    FamilyEntry{Family::token_counts, "token_counts", Values::small},
    FamilyEntry{Family::rollups, "rollups", Values::small},
    FamilyEntry{Family::prefixes, "prefixes", Values::large},
    FamilyEntry{Family::captures, "captures", Values::passing},
    FamilyEntry{Family::capture_index, "capture_index", Values::small},
};

constexpr bool in_order_of_enum() {
  for (std::size_t i = 0; i < kFamilies.size(); ++i) {
    if (static_cast<std::size_t>(kFamilies[i].family) != i) return false;
  }
  return true;
}
static_assert(in_order_of_enum(), "handles are indexed by Family");

/// RocksDB writes its log beside the data. When the disk is full that log fails first, and 7.8 as
/// Debian builds it asserts at the next line logged, which would end the process. What went wrong
/// reaches us by statuses anyway.
class SilentLogger final : public rocksdb::Logger {
 public:
  SilentLogger() : rocksdb::Logger(rocksdb::InfoLogLevel::HEADER_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char*, std::va_list) override {}
};

rocksdb::ColumnFamilyOptions family_options(Values values,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;  // or their memory would grow with the ledger

  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = kWriteBufferBytes;
  options.target_file_size_base = kTableBytes;
  options.compression = rocksdb::kLZ4Compression;
  if (values == Values::rows) {
    // An insert that begins where the last one ended finds its place at once, where a search
    // compares some fifteen keys. Not for families with ranges that are deleted: RocksDB 7.8 keeps
    // one hint for both of its tables.
    options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(0));
  }
  if (values == Values::large || values == Values::passing) {
    options.enable_blob_files = true;
    options.blob_compression_type = rocksdb::kZSTD;
    // A replaced knowledge base is garbage as a whole: every compaction may take all of it out. Of
    // what goes in its turn only the oldest is garbage, and the rest would be copied each time.
    options.enable_blob_garbage_collection = true;
    options.blob_garbage_collection_age_cutoff = values == Values::large ? 1.0 : 0.25;
  }
  return options;
}

}  // namespace

rocksdb::DBOptions database_options() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.info_log = std::make_shared<SilentLogger>();
  options.max_open_files = kOpenFiles;
  options.max_file_opening_threads = 1;
  options.max_background_jobs = 2;
  options.db_write_buffer_size = kAllWriteBuffersBytes;
  options.max_total_wal_size = kLogBytes;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.skip_stats_update_on_db_open = true;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> family_descriptors() {
  const auto cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const auto& [family, name, values] : kFamilies) {
    descriptors.emplace_back(name, family_options(values, cache));
  }
  descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, family_options(Values::small, cache));
  return descriptors;
}

bool is_known_family(std::string_view name) {
  return name == rocksdb::kDefaultColumnFamilyName ||
         std::any_of(kFamilies.begin(), kFamilies.end(),
                     [&](const FamilyEntry& entry) { return entry.name == name; });
}

}  // namespace foreword::cache
