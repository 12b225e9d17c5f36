#include "cache/captures.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "cache/capture_record.h"
#include "cache/keys.h"
#include "cache/record_fields.h"
#include "records.pb.h"

namespace foreword::cache {
namespace {

using config::Error;
using config::Result;

/// Of one write.
constexpr std::size_t kRemovedAtOnce = 1000;

std::optional<RequestId> id_of(std::string_view key) {
  RequestId id;
  if (key.size() != id.bytes.size()) return std::nullopt;
  std::copy(key.begin(), key.end(), id.bytes.begin());
  return id;
}

/// A line of the index: which record a prompt has.
struct Entry {
  RequestId id;
  std::uint64_t bytes = 0;  // of the record
  std::string label;
  std::string key_name;
};

std::string encode_entry(const Entry& entry) {
  records::CaptureEntry record;
  record.set_id(ledger_key(entry.id));
  record.set_bytes(entry.bytes);
  record.set_label(entry.label);
  record.set_key_name(entry.key_name);
  return record.SerializeAsString();
}

std::optional<Entry> decode_entry(std::string_view value) {
  records::CaptureEntry record;
  if (!parse(value, record)) return std::nullopt;
  const auto id = id_of(record.id());
  if (!id) return std::nullopt;
  return Entry{*id, record.bytes(), record.label(), record.key_name()};
}

/// Those that cannot be read are passed over: the records tell by themselves what they are.
Result<void> for_each_entry(const Store& store, std::string_view from,
                            const std::function<bool(std::string_view, const Entry&)>& visit) {
  return store.scan(Family::capture_index, from, {},
                    [&](std::string_view tag, std::string_view value) {
                      const auto entry = decode_entry(value);
                      return !entry || visit(tag, *entry);
                    });
}

bool is_in(const RequestId& id, const TimeRange& range) {
  return (!range.from || id >= first_id_at(*range.from)) &&
         (!range.to || id < first_id_at(*range.to));
}

bool is_selected(const Entry& entry, const CaptureSelection& selection) {
  return is_in(entry.id, selection.range) && (!selection.label || entry.label == *selection.label);
}

bool is_everything(const CaptureSelection& selection) {
  return !selection.range.from && !selection.range.to && !selection.label;
}

}  // namespace

Captures::Captures(Store& store, const std::optional<config::SealKey>& key, std::size_t max_bytes)
    : store_(store), max_bytes_(max_bytes) {
  if (key) sealer_.emplace(*key);
}

Result<void> Captures::learn_bytes() {
  std::uint64_t bytes = 0;
  const auto scanned = for_each_entry(store_, {}, [&](std::string_view, const Entry& entry) {
    bytes += entry.bytes;
    return true;
  });
  if (scanned) bytes_ = bytes;
  return scanned;
}

/// Adds to `batch` what deletes the oldest records, until `bytes` fit; `but_not` goes anyway.
Result<void> Captures::make_room(std::uint64_t bytes, std::string_view but_not,
                                 std::vector<Write>& batch, std::uint64_t& freed) {
  const auto fits = [&] { return *bytes_ + bytes <= max_bytes_ + freed; };
  if (fits()) return {};
  return store_.scan(Family::captures, oldest_, {}, [&](std::string_view key, auto value) {
    if (fits()) return false;
    oldest_ = key;
    if (key == but_not) return true;
    batch.push_back({Family::captures, std::string(key), std::nullopt});
    const auto id = id_of(key);
    const auto cover = id ? read_cover(*id, value) : std::nullopt;
    if (cover) batch.push_back({Family::capture_index, cover->tag, std::nullopt});
    freed += value.size();
    return true;
  });
}

Result<bool> Captures::add(const Capture& capture, std::string_view same) {
  std::string prompt = capture.label;
  prompt.append(1, '\0').append(same);  // a label has no NUL
  const auto tag = sealer_->tag(prompt);
  auto value = encode(capture, *sealer_, tag);
  if (!value) return value.error();
  const std::uint64_t bytes = value->size();
  if (bytes > max_bytes_) return false;

  const std::lock_guard lock(changing_);
  if (!bytes_) {
    if (const auto learned = learn_bytes(); !learned) return learned.error();
  }
  const auto before = store_.get(Family::capture_index, tag);
  if (!before) return before.error();
  const auto replaced = *before ? decode_entry(**before) : std::nullopt;
  const auto replaced_key = replaced ? ledger_key(replaced->id) : std::string();
  std::uint64_t freed = replaced ? std::min(replaced->bytes, *bytes_) : 0;
  std::vector<Write> batch;
  if (replaced) batch.push_back({Family::captures, replaced_key, std::nullopt});
  const auto room = make_room(bytes, replaced_key, batch, freed);
  if (!room) {
    oldest_.clear();  // what was passed over stays
    return room.error();
  }
  const auto key = ledger_key(capture.id);
  batch.push_back({Family::captures, key, *std::move(value)});
  batch.push_back({Family::capture_index, tag,
                   encode_entry({capture.id, bytes, capture.label, sealer_->key_name()})});
  const auto written = store_.write(batch, Durability::buffered);
  oldest_ = std::min(oldest_, key);
  if (!written) {
    bytes_.reset();  // RocksDB may have kept what it reported as failed
    oldest_.clear();
    return written.error();
  }
  *bytes_ = *bytes_ - std::min(freed, *bytes_) + bytes;
  return true;
}

Result<Captures::Totals> Captures::totals() const {
  Totals totals;
  const auto scanned = for_each_entry(store_, {}, [&](std::string_view, const Entry& entry) {
    ++totals.records;
    totals.bytes += entry.bytes;
    ++totals.by_label[entry.label];
    if (!sealer_ || entry.key_name != sealer_->key_name()) ++totals.other_key;
    return true;
  });
  if (!scanned) return scanned.error();
  return totals;
}

Result<void> Captures::for_each(const CaptureSelection& selection,
                                const std::optional<RequestId>& first,
                                const std::function<bool(CaptureView&&)>& visit) const {
  const auto& range = selection.range;
  auto begin = range.from ? std::optional(first_id_at(*range.from)) : std::nullopt;
  begin = std::max(begin, first);
  const auto from = begin ? ledger_key(*begin) : std::string();
  const auto to = range.to ? ledger_key(first_id_at(*range.to)) : std::string();
  return store_.scan(Family::captures, from, to, [&](std::string_view key, std::string_view value) {
    const auto id = id_of(key);
    if (!id) return true;
    const auto cover = read_cover(*id, value);
    CaptureView view;
    view.id = *id;
    view.other_label = cover && selection.label && cover->label != *selection.label;
    view.other_key = cover && (!sealer_ || cover->key_name != sealer_->key_name());
    if (cover && sealer_ && !view.other_key && !view.other_label) {
      view.capture = open_capture(*cover, value, *sealer_);
    }
    return visit(std::move(view));
  });
}

/// What deletes up to kRemovedAtOnce of them, from the line `from` of the index on; then `from` is
/// the line behind the last one, or nothing where there are no more.
Result<std::vector<Write>> Captures::plan_removal(const CaptureSelection& selection,
                                                  std::optional<std::string>& from) const {
  std::vector<Write> writes;
  const auto begin = *std::exchange(from, std::nullopt);
  const auto scanned = for_each_entry(store_, begin, [&](std::string_view tag, const Entry& entry) {
    if (writes.size() == 2 * kRemovedAtOnce) {
      from = tag;
      return false;
    }
    if (!is_selected(entry, selection)) return true;
    writes.push_back({Family::captures, ledger_key(entry.id), std::nullopt});
    writes.push_back({Family::capture_index, std::string(tag), std::nullopt});
    return true;
  });
  if (!scanned) return scanned.error();
  return writes;
}

/// With those that are damaged.
Result<std::uint64_t> Captures::remove_all() {
  const auto there = totals();
  if (!there) return there.error();
  const std::string end(17, '\xff');  // behind each key of 16 bytes
  const std::array writes{Write{Family::captures, "", std::nullopt, end},
                          Write{Family::capture_index, "", std::nullopt, end}};
  const auto written = store_.write(writes, Durability::synced);
  if (!written) return written.error();
  return there->records;
}

Result<std::uint64_t> Captures::remove(const CaptureSelection& selection) {
  const std::lock_guard lock(changing_);
  bytes_.reset();
  if (is_everything(selection)) return remove_all();
  std::uint64_t removed = 0;
  for (std::optional<std::string> from = ""; from;) {
    const auto writes = plan_removal(selection, from);
    if (!writes) return writes.error();
    const auto written = store_.write(*writes, Durability::synced);
    if (!written) return written.error();
    removed += writes->size() / 2;
  }
  return removed;
}

}  // namespace foreword::cache
