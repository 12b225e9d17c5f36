#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cache/keys.h"
#include "cache/ledger.h"
#include "cache/rollup.h"
#include "cache/written_ids.h"
#include "config/limits.h"

namespace foreword::cache {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Rows of one write, and rows for which room is kept when the queue is empty.
constexpr std::size_t kGroupRows = 1024;
constexpr std::chrono::milliseconds kRetryPause = 100ms;
/// Once the writer is being destroyed, a store that keeps failing must not hold up the exit.
constexpr int kAttemptsWhenStopping = 5;
/// Far above any sane interval, far below what a clock overflows at.
constexpr std::chrono::milliseconds kMaxFsyncInterval = 24h;

/// When a sync has to begin, so that it is over within `interval` after the row was appended.
std::chrono::milliseconds begun_by(std::chrono::milliseconds interval) {
  constexpr std::chrono::milliseconds kSyncTakes = 10ms;
  return interval - std::min(interval / 5, kSyncTakes);
}

/// How long rows gather while others come: each write wakes this thread, which then takes the core
/// from a shard. A kill loses what has gathered.
std::chrono::milliseconds gather_pause(std::chrono::milliseconds fsync_interval) {
  return std::clamp<std::chrono::milliseconds>(fsync_interval / 16, 1ms, 8ms);
}

std::size_t bytes_of(const LedgerRow& row) {
  return sizeof row + row.upstream.size() + row.model.size() + row.label.size() + row.kb.size() +
         row.kb_version.size() + row.placement.size() + row.error.size() + row.alias.size() +
         row.terms.service_tier.size() + row.terms.speed.size() + row.terms.inference_geo.size() +
         row.price_version.size();
}

/// What waits for the writer's thread.
struct Queued {
  LedgerRow row;
  bool replaces = false;  // is written only where there is a row of its id
};

std::size_t bytes_of(std::span<const Queued> group) {
  std::size_t bytes = 0;
  for (const Queued& queued : group) bytes += bytes_of(queued.row);
  return bytes;
}

/// A row as it will be stored.
struct Entry {
  std::string key;
  std::string value;
  Queued* queued = nullptr;
};

/// In the order of their keys each begins where the last one ended (store_options.cc). Of two rows
/// of one id the later one counts.
void sort_and_merge(std::vector<Entry>& entries) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.key < b.key; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (kept > 0 && entries[kept - 1].key == entries[i].key) {
      // What replaces a row of this group finds it.
      if (!entries[kept - 1].queued->replaces) entries[i].queued->replaces = false;
      entries[kept - 1] = std::move(entries[i]);
    } else {
      if (kept != i) entries[kept] = std::move(entries[i]);
      ++kept;
    }
  }
  entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(kept), entries.end());
}

}  // namespace

struct LedgerWriter::Impl {
  Impl(Store& where, std::chrono::milliseconds interval, std::function<void(std::string_view)> tell,
       std::function<void(const LedgerRow&)> settled)
      : store(where),
        fsync_interval(begun_by(std::clamp(interval, 0ms, kMaxFsyncInterval))),
        pause_to_gather(gather_pause(fsync_interval)),
        on_error(std::move(tell)),
        on_settled(std::move(settled)) {
    queue.reserve(kGroupRows);
    thread = std::thread([this] { run(); });
  }

  // The writer's thread only.
  void run();
  bool take(std::vector<Queued>& rows);
  void append(LedgerRow&& row, bool replaces);  // any thread
  void write_all(std::span<Queued> rows);
  void write(std::span<Queued> rows);
  std::vector<Entry> encode_all(std::span<Queued> rows);
  config::Result<void> learn();
  config::Result<std::vector<Write>> plan(std::vector<Entry>& entries);
  config::Result<bool> take_back_what_it_replaces(const Entry& entry, RollupChanges& changes);
  std::optional<std::vector<Write>> plan_until_done(std::vector<Entry>& entries);
  bool write_until_done(std::span<const Write> batch);
  void sync_when_due();
  void sync();
  void tell_settled(std::span<const Entry> entries) const;
  void report(bool& failing, std::string_view message);
  void report_dropped();
  void report_lost();
  void set_store_fails(bool fails);
  [[nodiscard]] bool pause();

  Store& store;
  const std::chrono::milliseconds fsync_interval;  // from taking rows to their sync
  const std::chrono::milliseconds pause_to_gather;
  const std::function<void(std::string_view)> on_error;
  const std::function<void(const LedgerRow&)> on_settled;

  mutable std::mutex mutex;  // guards the next eleven
  std::vector<Queued> queue;
  std::uint64_t accepted = 0;         // rows ever appended
  std::uint64_t finished = 0;         // of these, rows the writer is done with
  std::uint64_t synced = 0;           // of these, rows that are on disk
  std::size_t held_bytes = 0;         // of the rows that it is not done with
  std::uint64_t dropped = 0;          // rows for which there was no room
  bool store_fails = false;           // the last write did
  std::uint64_t failed_attempts = 0;  // of writes and syncs
  std::size_t flushes = 0;            // calls of flush() that wait
  bool asleep = false;                // the writer waits for `work`, without an end of its own
  bool stopping = false;
  std::condition_variable work;      // rows came, or the end; the writer waits
  std::condition_variable progress;  // rows finished, or the store fails; append(), flush() wait

  // The writer's thread only.
  std::optional<Clock::time_point> unsynced_since;
  bool wrote_rows = false;
  bool write_failing = false;
  bool sync_failing = false;
  std::uint64_t dropped_told = 0;
  Clock::time_point dropped_told_at = Clock::time_point::min();
  int last_attempts = kAttemptsWhenStopping;
  std::size_t lost_rows = 0;
  RollupTable rollups{store};
  std::optional<WrittenIds> written_ids;  // nothing: not read yet
  bool keeps_rollups = false;             // false: the store's are not built (retention.h)

  std::thread thread;
};

void LedgerWriter::Impl::run() {
  std::vector<Queued> rows;
  rows.reserve(kGroupRows);
  while (take(rows)) {
    write_all(rows);
    sync_when_due();
    rows.clear();
    if (rows.capacity() > kGroupRows) {  // a burst is over: give its memory back
      rows.shrink_to_fit();
      rows.reserve(kGroupRows);
    }
  }
  if (unsynced_since) sync();
  report_lost();
}

/// At the end, when nobody appends any more.
void LedgerWriter::Impl::report_lost() {
  const auto lost = lost_rows + dropped;
  if (lost == 0 || !on_error) return;
  on_error(std::to_string(lost) + " ledger rows are lost: " + std::to_string(dropped) +
           " found no room while the store failed, " + std::to_string(lost_rows) +
           " could not be written before the end");
}

void LedgerWriter::Impl::write_all(std::span<Queued> rows) {
  while (!rows.empty()) {
    const auto group = rows.first(std::min(rows.size(), kGroupRows));
    write(group);
    rows = rows.subspan(group.size());
    {
      const std::lock_guard lock(mutex);
      finished += group.size();
      held_bytes -= bytes_of(group);
    }
    progress.notify_all();
    report_dropped();
    sync_when_due();
  }
}

/// Waits for rows, or until a sync is due. False: the end.
bool LedgerWriter::Impl::take(std::vector<Queued>& rows) {
  std::unique_lock lock(mutex);
  // Under load rows gather here, and append() is spared the wake-up, which costs more than the rest
  // of it. Once a pause brought nothing the next row is written at once.
  if (queue.empty() && std::exchange(wrote_rows, false)) {
    work.wait_for(lock, pause_to_gather, [this] { return stopping || flushes > 0; });
  }
  const auto ready = [this] { return !queue.empty() || stopping; };
  asleep = true;
  if (unsynced_since) {
    work.wait_until(lock, *unsynced_since + fsync_interval, ready);
  } else {
    work.wait(lock, ready);
  }
  asleep = false;
  rows.swap(queue);
  wrote_rows = !rows.empty();
  return !rows.empty() || !stopping;
}

void LedgerWriter::Impl::write(std::span<Queued> rows) {
  const auto began = Clock::now();
  auto entries = encode_all(rows);
  if (entries.empty()) return;
  sort_and_merge(entries);
  const auto batch = plan_until_done(entries);
  if (batch && (batch->empty() || write_until_done(*batch))) {
    // What looking up and writing took is time in which a power cut could take the rows.
    if (!unsynced_since) unsynced_since = began;
    tell_settled(entries);
  } else {
    lost_rows += entries.size();
  }
}

void LedgerWriter::Impl::tell_settled(std::span<const Entry> entries) const {
  if (!on_settled) return;
  for (const Entry& entry : entries) {
    const auto& [row, replaces] = *entry.queued;
    if (!replaces && row.outcome != Outcome::provisional) on_settled(row);
  }
}

std::vector<Entry> LedgerWriter::Impl::encode_all(std::span<Queued> rows) {
  std::vector<Entry> entries;
  entries.reserve(rows.size());
  for (Queued& queued : rows) {
    // What is summed up is what can be read back.
    make_storable(queued.row);
    // One row that cannot be read back would spoil every sum over the ledger.
    auto value = encode(queued.row);
    if (value) {
      entries.push_back({ledger_key(queued.row.id), std::move(*value), &queued});
    } else if (on_error) {
      on_error("request " + to_text(queued.row.id) + " was not recorded: " + value.error().message);
    }
  }
  return entries;
}

/// What the store holds when the first rows come.
config::Result<void> LedgerWriter::Impl::learn() {
  const auto state = read_rollup_state(store);
  if (!state) return state.error();
  RequestId last;
  const auto scanned =
      store.scan_backwards(Family::ledger, {}, {}, [&](std::string_view key, std::string_view) {
        if (key.size() == last.bytes.size()) std::copy(key.begin(), key.end(), last.bytes.begin());
        return false;
      });
  if (!scanned) return scanned;
  keeps_rollups = state->built;
  written_ids.emplace(last);
  return {};
}

/// One batch of rows and of what they change in the roll-ups: a crash leaves both or neither. An
/// Error changes nothing.
config::Result<std::vector<Write>> LedgerWriter::Impl::plan(std::vector<Entry>& entries) {
  if (!written_ids) {
    if (const auto learned = learn(); !learned) return learned.error();
  }
  RollupChanges changes;
  std::vector<Write> batch;
  batch.reserve(entries.size() + 16);
  std::vector<Entry*> written;
  written.reserve(entries.size());
  for (Entry& entry : entries) {
    const auto goes_in = take_back_what_it_replaces(entry, changes);
    if (!goes_in) return goes_in.error();
    if (!*goes_in) continue;
    changes.add(entry.queued->row);
    written.push_back(&entry);
  }
  std::vector<Write> rollup_writes;
  if (keeps_rollups) {
    if (const auto done = rollups.change(changes, rollup_writes); !done) return done.error();
  }
  for (Entry* entry : written) {
    written_ids->add(entry->queued->row.id);
    batch.push_back({Family::ledger, std::move(entry->key), std::move(entry->value)});
  }
  std::move(rollup_writes.begin(), rollup_writes.end(), std::back_inserter(batch));
  return batch;
}

/// False: the row is not to be written.
config::Result<bool> LedgerWriter::Impl::take_back_what_it_replaces(const Entry& entry,
                                                                    RollupChanges& changes) {
  const auto& [row, replaces] = *entry.queued;
  if (written_ids->is_new(row.id)) return !replaces;
  const auto value = store.get(Family::ledger, entry.key);
  if (!value) return value.error();
  if (!*value) return !replaces;
  const auto earlier = decode_ledger_row(**value);
  if (earlier) {
    changes.subtract(*earlier);
  } else if (on_error) {
    on_error("request " + to_text(row.id) +
             " was not recorded: its earlier row is damaged: " + earlier.error().message);
  }
  return earlier.has_value();
}

/// Nothing: the writer is being destroyed and the store still fails.
std::optional<std::vector<Write>> LedgerWriter::Impl::plan_until_done(std::vector<Entry>& entries) {
  while (last_attempts > 0) {
    auto planned = plan(entries);
    if (planned) return std::move(*planned);
    set_store_fails(true);
    report(write_failing, planned.error().message);
    report_dropped();
    if (pause()) --last_attempts;
    // A store that could not be opened again after a failed write is opened by the next one.
    static_cast<void>(store.write({}, Durability::buffered));
  }
  return std::nullopt;
}

/// False: the writer is being destroyed and the store still fails.
bool LedgerWriter::Impl::write_until_done(std::span<const Write> batch) {
  while (last_attempts > 0) {
    const auto written = store.write(batch, Durability::buffered);
    set_store_fails(!written);
    if (written) {
      write_failing = false;
      return true;
    }
    report(write_failing, written.error().message);
    report_dropped();
    if (pause()) --last_attempts;
  }
  return false;
}

void LedgerWriter::Impl::set_store_fails(bool fails) {
  {
    const std::lock_guard lock(mutex);
    if (std::exchange(store_fails, fails) == fails) return;
  }
  progress.notify_all();
}

void LedgerWriter::Impl::sync_when_due() {
  if (unsynced_since && Clock::now() >= *unsynced_since + fsync_interval) sync();
}

void LedgerWriter::Impl::sync() {
  if (const auto done = store.sync()) {
    unsynced_since.reset();
    sync_failing = false;
    const std::lock_guard lock(mutex);
    synced = finished;
  } else {
    report(sync_failing, done.error().message);
    unsynced_since = Clock::now();  // try again an interval later, and not at once
  }
}

/// Once per run of failures of one kind.
void LedgerWriter::Impl::report(bool& failing, std::string_view message) {
  {
    const std::lock_guard lock(mutex);
    ++failed_attempts;
  }
  if (!std::exchange(failing, true) && on_error) on_error(message);
}

/// The first rows that are dropped are told at once, more of them now and then.
void LedgerWriter::Impl::report_dropped() {
  std::uint64_t now_dropped = 0;
  {
    const std::lock_guard lock(mutex);
    now_dropped = dropped;
  }
  if (now_dropped == dropped_told || !on_error) return;
  const auto now = Clock::now();
  if (dropped_told > 0 && now < dropped_told_at + config::limits::kLedgerDropReportInterval) return;
  dropped_told = now_dropped;
  dropped_told_at = now;
  on_error(std::to_string(now_dropped) +
           " ledger rows are dropped so far: the store failed for longer than memory lasts");
}

/// Waits before the next attempt; a beginning end cuts the wait short. True: it has begun.
bool LedgerWriter::Impl::pause() {
  std::unique_lock lock(mutex);
  if (stopping) {
    work.wait_for(lock, kRetryPause);
  } else {
    work.wait_for(lock, kRetryPause, [this] { return stopping; });
  }
  return stopping;
}

void LedgerWriter::Impl::append(LedgerRow&& row, bool replaces) {
  bool wake = false;
  {
    const auto bytes = bytes_of(row);
    const auto room = [&] { return held_bytes + bytes <= config::limits::kLedgerQueueBytes; };
    std::unique_lock lock(mutex);
    // A store that works makes room in milliseconds; one that fails may never.
    progress.wait(lock, [&] { return room() || store_fails; });
    if (!room()) {
      ++dropped;
      return;
    }
    queue.push_back({std::move(row), replaces});
    held_bytes += bytes;
    ++accepted;
    wake = std::exchange(asleep, false);
  }
  if (wake) work.notify_one();
}

LedgerWriter::LedgerWriter(Store& store, std::chrono::milliseconds fsync_interval,
                           std::function<void(std::string_view)> on_error,
                           std::function<void(const LedgerRow&)> on_settled)
    : impl_(std::make_unique<Impl>(store, fsync_interval, std::move(on_error),
                                   std::move(on_settled))) {}

LedgerWriter::~LedgerWriter() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->work.notify_all();
  impl_->thread.join();
}

void LedgerWriter::append(const LedgerRow& row) {
  append(LedgerRow(row));
}

void LedgerWriter::append(LedgerRow&& row) {
  impl_->append(std::move(row), false);
}

void LedgerWriter::replace(LedgerRow&& row) {
  impl_->append(std::move(row), true);
}

void LedgerWriter::flush() {
  std::unique_lock lock(impl_->mutex);
  const std::uint64_t target = impl_->accepted;
  ++impl_->flushes;
  impl_->work.notify_one();
  const auto done = [&] { return impl_->finished >= target; };
  while (!impl_->progress.wait_for(lock, config::limits::kLedgerFlushTimeout, done)) {
    if (impl_->store_fails) break;
  }
  --impl_->flushes;
}

std::uint64_t LedgerWriter::synced() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->synced;
}

std::uint64_t LedgerWriter::dropped() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->dropped;
}

LedgerWriter::Queue LedgerWriter::queue() const {
  const std::lock_guard lock(impl_->mutex);
  return {impl_->accepted - impl_->finished, impl_->held_bytes, impl_->failed_attempts};
}

}  // namespace foreword::cache
