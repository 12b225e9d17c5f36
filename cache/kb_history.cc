#include "cache/kb_history.h"

#include <algorithm>
#include <string>
#include <utility>

#include "cache/kb_chain.h"
#include "cache/keys.h"

namespace foreword::cache {

using config::Error;
using config::Result;

Result<std::vector<KbHistoryEntry>> kb_history(const Store& store, std::string_view name) {
  auto chain = read_chain(store, name);
  if (!chain) return chain.error();
  std::vector<KbHistoryEntry> entries;
  for (auto& line : chain->lines) entries.push_back(line.entry);
  std::ranges::reverse(entries);
  return entries;
}

Result<std::optional<KbVersion>> get_kept_kb(const Store& store, std::string_view name,
                                             std::uint64_t sequence) {
  auto current = get_kb(store, name);
  if (!current) return current.error();
  if (!*current || (*current)->sequence == sequence) return current;
  const auto value = store.get(Family::old_versions, kept_key(name, sequence));
  if (!value) return value.error();
  if (!*value) return std::optional<KbVersion>();
  auto version = read_version(name, **value);
  if (!version) return version.error();
  return std::optional<KbVersion>(std::move(*version));
}

Result<KbVersion> roll_back_kb(Store& store, std::string_view name, std::uint64_t sequence,
                               config::TimePoint now, std::size_t kept) {
  const auto lock = store.one_change_at_a_time();
  auto old = get_kept_kb(store, name, sequence);
  if (!old) return old.error();
  if (!*old) {
    return Error{"knowledge base '" + std::string(name) + "' keeps no version of that number: " +
                 "`foreword kb history " + std::string(name) + "` lists them"};
  }
  const auto chain = read_chain(store, name);
  if (!chain) return chain.error();
  KbVersion version = std::move(**old);
  version.published = now;
  std::vector<Write> batch;
  add_next(*chain, version, kept, batch);
  if (auto written = store.write(batch, Durability::synced); !written) return written.error();
  return version;
}

}  // namespace foreword::cache
