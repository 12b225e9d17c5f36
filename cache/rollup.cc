#include "cache/rollup.h"

#include <algorithm>
#include <utility>

#include "records.pb.h"

namespace foreword::cache {
namespace {

using config::Error;
using config::PicodollarTotal;
using config::Result;

/// Some 300 bytes each. A request changes eight of them, mostly the same ones as the last.
constexpr std::size_t kKnownRollups = 1024;

constexpr std::array kDimensions = {GroupBy::model, GroupBy::kb, GroupBy::label, GroupBy::upstream};

/// Stored: never change one.
char letter_of(GroupBy by) {
  switch (by) {
    case GroupBy::model:
      return 'm';
    case GroupBy::kb:
      return 'k';
    case GroupBy::label:
      return 'l';
    case GroupBy::upstream:
      return 'u';
    case GroupBy::none:
    case GroupBy::day:
    case GroupBy::hour:
      break;
  }
  return '?';
}

__extension__ using Unsigned128 = unsigned __int128;

std::uint64_t low(PicodollarTotal money) {
  return static_cast<std::uint64_t>(static_cast<Unsigned128>(money));
}
std::int64_t high(PicodollarTotal money) {
  return static_cast<std::int64_t>(static_cast<Unsigned128>(money) >> 64);
}
PicodollarTotal joined(std::int64_t high, std::uint64_t low) {
  const auto upper = static_cast<Unsigned128>(static_cast<std::uint64_t>(high));
  return static_cast<PicodollarTotal>(upper << 64 | low);
}

/// Of the day that an hour is in.
std::string key_of_day(std::string_view key_of_hour) {
  std::string key(key_of_hour);
  key[0] = static_cast<char>(Resolution::day);
  const auto day = parse_rollup_key(key_of_hour).bucket / kHoursADay;
  for (std::size_t i = 0; i < 4; ++i) key[2 + i] = static_cast<char>(day >> (24 - 8 * i));
  return key;
}

void append_text(std::string& key, const std::string& text) {
  key.append({static_cast<char>(text.size() >> 8), static_cast<char>(text.size() & 0xff)});
  key += text;
}

}  // namespace

void Rollup::add(const LedgerRow& row) {
  sums.add(row);
  const auto started = to_stored_time(row.started);
  first_us = std::min(first_us, started);
  last_us = std::max(last_us, started);
}

void Rollup::subtract(const LedgerRow& row) {
  SavingsSums taken;
  taken.add(row);
  sums -= taken;
}

Rollup& Rollup::operator+=(const Rollup& other) {
  sums += other.sums;
  first_us = std::min(first_us, other.first_us);
  last_us = std::max(last_us, other.last_us);
  return *this;
}

std::string encode(const Rollup& rollup) {
  const SavingsSums& sums = rollup.sums;
  records::Rollup record;
  record.set_requests(sums.requests);
  record.set_estimated(sums.estimated);
  record.set_billed(sums.billed);
  record.set_unpriced(sums.unpriced);
  record.set_failed(sums.failed);
  std::size_t classes = config::kTokenClasses;
  while (classes > 0 && sums.tokens.by_class[classes - 1] == 0) --classes;
  for (std::size_t i = 0; i < classes; ++i) record.add_tokens(sums.tokens.by_class[i]);
  record.set_kb_tokens_estimate(sums.kb_tokens_estimate);
  record.set_actual_low(low(sums.actual));
  record.set_actual_high(high(sums.actual));
  record.set_uncached_low(low(sums.uncached));
  record.set_uncached_high(high(sums.uncached));
  record.set_client_only_low(low(sums.client_only));
  record.set_client_only_high(high(sums.client_only));
  record.set_first_us(rollup.first_us);
  record.set_last_us(rollup.last_us);
  return record.SerializeAsString();
}

Result<Rollup> decode_rollup(std::string_view value) {
  static thread_local records::Rollup record;  // kept for its memory
  if (!parse(value, record) || !is_stored_time(record.first_us()) ||
      !is_stored_time(record.last_us()) ||
      record.tokens_size() > static_cast<int>(config::kTokenClasses)) {
    return Error{
        "a sum over the ledger is damaged; restore the store, or read with the foreword "
        "that wrote it"};
  }
  Rollup rollup;
  SavingsSums& sums = rollup.sums;
  sums.requests = record.requests();
  sums.estimated = record.estimated();
  sums.billed = record.billed();
  sums.unpriced = record.unpriced();
  sums.failed = record.failed();
  std::copy(record.tokens().begin(), record.tokens().end(), sums.tokens.by_class.begin());
  sums.kb_tokens_estimate = record.kb_tokens_estimate();
  sums.actual = joined(record.actual_high(), record.actual_low());
  sums.uncached = joined(record.uncached_high(), record.uncached_low());
  sums.client_only = record.has_client_only_low()
                         ? joined(record.client_only_high(), record.client_only_low())
                         : sums.actual;
  rollup.first_us = record.first_us();
  rollup.last_us = record.last_us();
  return rollup;
}

std::string rollup_key(Resolution resolution, GroupBy by, std::uint32_t bucket,
                       std::string_view value) {
  std::string key;
  key.reserve(6 + value.size());
  key += static_cast<char>(resolution);
  key += letter_of(by);
  for (int shift = 24; shift >= 0; shift -= 8) key += static_cast<char>(bucket >> shift);
  key += value;
  return key;
}

RollupKey parse_rollup_key(std::string_view key) {
  RollupKey parsed;
  for (const char byte : key.substr(2, 4)) {
    parsed.bucket = parsed.bucket << 8 | static_cast<unsigned char>(byte);
  }
  parsed.value = key.substr(6);
  return parsed;
}

Rollup& RollupChanges::of(const LedgerRow& row) {
  const auto hour = static_cast<std::uint32_t>(milliseconds_of(row.id) / kHourMs);
  key_.assign(reinterpret_cast<const char*>(&hour), sizeof hour);
  for (const auto* text : {&row.model, &row.kb, &row.label, &row.upstream}) {
    append_text(key_, *text);
  }
  const auto [at, is_new] = groups_.try_emplace(key_);
  if (is_new) {
    at->second.hour = hour;
    at->second.values = {row.model, row.kb, row.label, row.upstream};
  }
  return at->second.change;
}

std::unordered_map<std::string, Rollup> RollupChanges::by_key() const {
  std::unordered_map<std::string, Rollup> changes;
  for (const auto& [unused, group] : groups_) {
    for (std::size_t i = 0; i < kDimensions.size(); ++i) {
      changes[rollup_key(Resolution::hour, kDimensions[i], group.hour, group.values[i])] +=
          group.change;
    }
  }
  // Far fewer by now than there are groups.
  std::unordered_map<std::string, Rollup> days;
  for (const auto& [key, change] : changes) days[key_of_day(key)] += change;
  changes.merge(days);
  return changes;
}

Result<Rollup*> RollupTable::find(const std::string& key) {
  const auto [at, is_new] = known_.try_emplace(key);
  if (!is_new) return &at->second;
  const auto value = store_.get(Family::rollups, key);
  if (!value) return value.error();
  if (!*value) return &at->second;
  auto rollup = decode_rollup(**value);
  if (!rollup) return rollup.error();
  at->second = *rollup;
  return &at->second;
}

Result<void> RollupTable::change(const RollupChanges& changes, std::vector<Write>& batch) {
  if (known_.size() > kKnownRollups) known_.clear();
  const auto before = batch.size();
  for (const auto& [key, change] : changes.by_key()) {
    const auto found = find(key);
    if (!found) {
      known_.clear();
      batch.resize(before);
      return found.error();
    }
    Rollup& rollup = **found;
    rollup += change;
    // The last row of a model that was told otherwise at the request's end, say.
    const bool is_empty = rollup.sums.requests == 0;
    batch.push_back({Family::rollups, key,
                     is_empty ? std::nullopt : std::optional<std::string>(encode(rollup))});
    if (is_empty) known_.erase(key);
  }
  return {};
}

Result<RollupState> read_rollup_state(const Store& store) {
  const auto value = store.get(Family::meta, kRollupsKey);
  if (!value) return value.error();
  RollupState state;
  if (!*value) return state;
  state.built = **value == kRollupsBuilt;
  if (state.built) return state;
  if ((*value)->size() != state.next.bytes.size()) {
    return Error{"the store does not say which rows its sums over the ledger have; restore it"};
  }
  std::copy((*value)->begin(), (*value)->end(), state.next.bytes.begin());
  return state;
}

}  // namespace foreword::cache
