#include "cache/store.h"

#include <array>
#include <charconv>
#include <shared_mutex>
#include <system_error>
#include <utility>

#include <rocksdb/db.h>
#include <rocksdb/snapshot.h>
#include <rocksdb/write_batch.h>

#include "cache/keys.h"
#include "cache/store_files.h"
#include "cache/store_options.h"

namespace foreword::cache {

using config::Error;
using config::Result;

namespace {

rocksdb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}
std::string_view view(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

using Visit = std::function<bool(std::string_view, std::string_view)>;

enum class Direction : std::uint8_t { forwards, backwards };

rocksdb::Status add(const Write& write, rocksdb::ColumnFamilyHandle* family,
                    rocksdb::WriteBatch& batch) {
  if (write.value) return batch.Put(family, slice(write.key), slice(*write.value));
  if (write.end.empty()) return batch.Delete(family, slice(write.key));
  return batch.DeleteRange(family, slice(write.key), slice(write.end));
}

bool is_fatal(const rocksdb::Status& status) {
  return status.severity() >= rocksdb::Status::Severity::kFatalError;
}

Error failure(std::string_view verb, const std::filesystem::path& path,
              const rocksdb::Status& status) {
  return Error{"cannot " + std::string(verb) + " the store at " + path.string() + ": " +
               status.ToString() + "; look at the disk's space, health and permissions"};
}

Error open_failure(const std::filesystem::path& path, const rocksdb::Status& status) {
  if (status.IsIOError() && status.ToString().find("/LOCK") != std::string::npos) {
    return Error{"another foreword process holds " + path.string() +
                 " (is `foreword serve` running? then leave out --data)"};
  }
  return failure("open", path, status);
}

Error closed_failure(const std::filesystem::path& path) {
  return Error{"the store at " + path.string() +
               " is closed after a failed write; look at the disk's space and health"};
}

}  // namespace

struct Store::Impl {
  explicit Impl(std::filesystem::path where) : path(std::move(where)) {}
  ~Impl() { close(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  rocksdb::Status open();
  void close();
  rocksdb::Status write(std::span<const Write> batch, bool sync);
  /// REQUIRES: `database`, and `in_use` held.
  rocksdb::Status apply(std::span<const Write> batch, bool sync);
  /// As it is now, or as the snapshot saw it. REQUIRES: `in_use` held.
  Result<std::optional<std::string>> get(Family family, std::string_view key,
                                         const rocksdb::Snapshot* snapshot);
  Result<void> walk(Family family, std::string_view from, std::string_view to, Direction direction,
                    const Visit& visit, const rocksdb::Snapshot* snapshot);
  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles[static_cast<std::size_t>(family)];
  }

  const std::filesystem::path path;
  /// Shared while the database is used, exclusive while it is opened or closed.
  std::shared_mutex in_use;
  std::unique_ptr<rocksdb::DB> database;              // nullptr: opening it again has failed
  std::vector<rocksdb::ColumnFamilyHandle*> handles;  // by Family; the last one is `default`
  std::mutex changes;
};

rocksdb::Status Store::Impl::open() {
  rocksdb::DB* opened = nullptr;
  const auto status =
      rocksdb::DB::Open(database_options(), path.string(), family_descriptors(), &handles, &opened);
  database.reset(opened);
  return status;
}

void Store::Impl::close() {
  if (!database) return;
  for (auto* handle : handles) database->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  handles.clear();
  database->Close().PermitUncheckedError();
  database.reset();
}

rocksdb::Status Store::Impl::apply(std::span<const Write> batch, bool sync) {
  rocksdb::WriteBatch changes_of_batch;
  for (const Write& write : batch) {
    const auto status = add(write, handle(write.family), changes_of_batch);
    if (!status.ok()) return status;
  }
  rocksdb::WriteOptions options;
  options.sync = sync;
  return database->Write(options, &changes_of_batch);
}

rocksdb::Status Store::Impl::write(std::span<const Write> batch, bool sync) {
  {
    const std::shared_lock lock(in_use);
    if (database) {
      const auto status = apply(batch, sync);
      if (!is_fatal(status)) return status;
    }
  }
  // After a failed write to its log RocksDB refuses everything until it is opened again, even when
  // the disk is well by then.
  const std::unique_lock lock(in_use);
  close();
  const auto status = open();
  return status.ok() ? apply(batch, sync) : status;
}

Result<std::optional<std::string>> Store::Impl::get(Family family, std::string_view key,
                                                    const rocksdb::Snapshot* snapshot) {
  if (!database) return closed_failure(path);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  std::string value;
  const auto status = database->Get(options, handle(family), slice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return failure("read", path, status);
  return std::optional<std::string>(std::move(value));
}

Result<void> Store::Impl::walk(Family family, std::string_view from, std::string_view to,
                               Direction direction, const Visit& visit,
                               const rocksdb::Snapshot* snapshot) {
  if (!to.empty() && from >= to) return {};
  if (!database) return closed_failure(path);
  const rocksdb::Slice lower = slice(from);
  const rocksdb::Slice upper = slice(to);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  if (!from.empty()) options.iterate_lower_bound = &lower;
  if (!to.empty()) options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> at(database->NewIterator(options, handle(family)));
  const auto goes_on = [&] { return at->Valid() && visit(view(at->key()), view(at->value())); };
  if (direction == Direction::forwards) {
    for (at->SeekToFirst(); goes_on();) at->Next();
  } else {
    for (at->SeekToLast(); goes_on();) at->Prev();
  }
  if (const auto status = at->status(); !status.ok()) return failure("read", path, status);
  return {};
}

namespace {

/// A database that nothing was ever written to is made ours; any other must say its format.
Result<void> check_format(Store& store, const std::filesystem::path& path, bool never_written) {
  const auto format = store.get(Family::meta, kFormatKey);
  if (!format) return format.error();
  if (!*format) {
    if (!never_written) {
      return Error{"the database at " + path.string() +
                   " names no format: it is damaged or not foreword's; name another folder"};
    }
    const std::array entries{
        Write{Family::meta, std::string(kFormatKey), std::to_string(kStoreFormat)},
        Write{Family::meta, std::string(kRollupsKey), std::string(kRollupsBuilt)}};
    return store.write(entries, Durability::synced);
  }
  const std::string& text = **format;
  std::uint32_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc{} || end != text.data() + text.size() || number == 0) {
    return Error{"the format of the store at " + path.string() +
                 " cannot be read: it is damaged; restore it or name another folder"};
  }
  if (number > kStoreFormat) {
    return Error{"the store at " + path.string() + " has format " + text +
                 ", this foreword knows formats up to " + std::to_string(kStoreFormat) +
                 "; use the newer foreword that wrote it, or name another folder"};
  }
  return {};
}

}  // namespace

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& path) {
  if (auto ready = prepare_folder(path); !ready) return ready.error();
  auto impl = std::make_unique<Impl>(path);
  if (const auto status = impl->open(); !status.ok()) return open_failure(path, status);
  const bool never_written = impl->database->GetLatestSequenceNumber() == 0;
  std::unique_ptr<Store> store(new Store(std::move(impl)));
  if (auto known = check_format(*store, path, never_written); !known) return known.error();
  return store;
}

Result<std::optional<std::string>> Store::get(Family family, std::string_view key) const {
  const std::shared_lock lock(impl_->in_use);
  return impl_->get(family, key, nullptr);
}

Result<void> Store::write(std::span<const Write> batch, Durability durability) {
  const auto status = impl_->write(batch, durability == Durability::synced);
  if (!status.ok()) return failure("write to", impl_->path, status);
  return {};
}

Result<void> Store::sync() {
  const std::shared_lock lock(impl_->in_use);
  if (!impl_->database) return closed_failure(impl_->path);
  const auto status = impl_->database->SyncWAL();
  if (!status.ok()) return failure("sync", impl_->path, status);
  return {};
}

Result<void> Store::scan(Family family, std::string_view from, std::string_view to,
                         const Visit& visit) const {
  const std::shared_lock lock(impl_->in_use);
  return impl_->walk(family, from, to, Direction::forwards, visit, nullptr);
}

Result<void> Store::scan_backwards(Family family, std::string_view from, std::string_view to,
                                   const Visit& visit) const {
  const std::shared_lock lock(impl_->in_use);
  return impl_->walk(family, from, to, Direction::backwards, visit, nullptr);
}

Result<std::optional<std::string>> Store::Moment::get(Family family, std::string_view key) const {
  return impl_.get(family, key, snapshot_);
}

Result<void> Store::Moment::scan(Family family, std::string_view from, std::string_view to,
                                 const Visit& visit) const {
  return impl_.walk(family, from, to, Direction::forwards, visit, snapshot_);
}

Result<void> Store::at_one_moment(const std::function<Result<void>(const Moment&)>& read) const {
  const std::shared_lock lock(impl_->in_use);
  if (!impl_->database) return closed_failure(impl_->path);
  rocksdb::ManagedSnapshot snapshot(impl_->database.get());
  return read(Moment(*impl_, snapshot.snapshot()));
}

std::unique_lock<std::mutex> Store::one_change_at_a_time() {
  return std::unique_lock(impl_->changes);
}

}  // namespace foreword::cache
