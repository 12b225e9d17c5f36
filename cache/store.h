// The one database: RocksDB with a column family per kind of record.
//
// Thread-safe; keys and values are copied in and out. Everything that reads or writes records goes
// through ledger.h and knowledge.h, which take a Store; RocksDB itself shows in no public header.
// What the disk can cause is an Error. After a failed write the next one opens the database again,
// so that a disk that has recovered is used without a restart.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.h"

namespace rocksdb {
class Snapshot;
}

namespace foreword::cache {

/// Column families. Their names are on disk: add at the end, never rename.
enum class Family : std::uint8_t {
  meta,
  documents,
  versions,
  layers,
  ledger,
  history,
  old_versions,
  unfinished,
  token_counts,
  rollups,
  prefixes,
  captures,
  capture_index,
};

/// One change of a batch; no value means delete: of the key, or of all in [key, end) if there is an
/// end.
struct Write {
  Family family{};
  std::string key;
  std::optional<std::string> value;
  std::string end = {};
};

enum class Durability : std::uint8_t {
  buffered,  // survives a killed process (WAL), not a power cut
  synced,    // survives a power cut too
};

class Store {
  struct Impl;

 public:
  /// Opens or makes the database at `path`. An Error says what to do: the folder cannot be made,
  /// another process holds it, it is of a newer format than this program knows, it is no store of
  /// foreword's. Missing folders are made for their owner only (mode 0700).
  [[nodiscard]] static config::Result<std::unique_ptr<Store>> open(
      const std::filesystem::path& path);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  [[nodiscard]] config::Result<std::optional<std::string>> get(Family family,
                                                               std::string_view key) const;
  /// All or nothing.
  [[nodiscard]] config::Result<void> write(std::span<const Write> batch, Durability durability);
  /// Makes everything written so far survive a power cut.
  [[nodiscard]] config::Result<void> sync();

  /// Calls `visit(key, value)` in key order for keys in [from, to); an empty `to` is the end.
  /// `visit` returns false to stop; it must not call this store. Sees one consistent moment of the
  /// family.
  [[nodiscard]] config::Result<void> scan(
      Family family, std::string_view from, std::string_view to,
      const std::function<bool(std::string_view, std::string_view)>& visit) const;
  /// The same from the end of [from, to) backwards.
  [[nodiscard]] config::Result<void> scan_backwards(
      Family family, std::string_view from, std::string_view to,
      const std::function<bool(std::string_view, std::string_view)>& visit) const;

  /// What several reads see that have to agree with each other.
  class Moment {
   public:
    /// As those of the store.
    [[nodiscard]] config::Result<std::optional<std::string>> get(Family family,
                                                                 std::string_view key) const;
    [[nodiscard]] config::Result<void> scan(
        Family family, std::string_view from, std::string_view to,
        const std::function<bool(std::string_view, std::string_view)>& visit) const;

   private:
    friend class Store;
    Moment(Impl& impl, const rocksdb::Snapshot* snapshot) : impl_(impl), snapshot_(snapshot) {}
    Impl& impl_;
    const rocksdb::Snapshot* snapshot_;
  };
  /// Calls `read` with this moment of all families, and returns what it returns. It must not call
  /// this store, nor keep the moment.
  [[nodiscard]] config::Result<void> at_one_moment(
      const std::function<config::Result<void>(const Moment&)>& read) const;

  /// Held by whoever reads, decides and then writes (knowledge.cc). Not needed for a single write.
  [[nodiscard]] std::unique_lock<std::mutex> one_change_at_a_time();

 private:
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace foreword::cache
