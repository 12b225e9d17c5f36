#include "cache/kb_chain.h"

#include <algorithm>
#include <map>
#include <utility>

#include "cache/kb_record.h"
#include "cache/keys.h"
#include "cache/record_fields.h"
#include "records.pb.h"

namespace foreword::cache {
namespace {

using config::Error;
using config::Hash128;
using config::Result;

using HashesByPath = std::map<std::string_view, Hash128>;

HashesByPath by_path(const KbVersion* version) {
  HashesByPath hashes;
  if (version == nullptr) return hashes;
  for (const auto& document : version->documents) hashes[document.path] = document.hash;
  return hashes;
}

/// `before` is nullptr for the first version.
StoredHistoryEntry make_line(const KbVersion& version, const KbVersion* before) {
  StoredHistoryEntry line;
  auto& entry = line.entry;
  entry.sequence = version.sequence;
  entry.content_id = version.content_id;
  entry.published = version.published;
  entry.documents = version.documents.size();
  entry.text_bytes = version.text_bytes();
  entry.layers = static_cast<std::uint32_t>(version.layers.size());
  const auto old = by_path(before);
  const auto now = by_path(&version);
  for (const auto& [path, hash] : now) {
    const auto found = old.find(path);
    if (found == old.end()) {
      ++entry.added;
    } else if (found->second != hash) {
      ++entry.changed;
    }
  }
  entry.removed = old.size() - (now.size() - entry.added);
  return line;
}

Result<void> read_lines(const Store& store, std::string_view name, Chain& chain) {
  std::optional<Error> failed;
  const auto visit = [&](std::string_view key, std::string_view value) {
    const auto kept = parse_kept_key(key);
    auto line = decode_history_entry(value);
    if (!kept || !line) {
      failed = Error{"the history of the knowledge bases is damaged; restore the store"};
      return false;
    }
    if (kept->name == name) {
      line->entry.sequence = kept->sequence;
      chain.lines.push_back(std::move(*line));
    } else {
      chain.others.add(line->gone);
    }
    return true;
  };
  const auto scanned = store.scan(Family::history, {}, {}, visit);
  if (!scanned) return scanned.error();
  if (failed) return *failed;
  return {};
}

void add_line(std::string_view name, const StoredHistoryEntry& line, std::vector<Write>& batch) {
  batch.push_back({Family::history, kept_key(name, line.entry.sequence), encode(line)});
}

}  // namespace

std::string encode(const StoredHistoryEntry& line) {
  const auto& entry = line.entry;
  records::KbHistoryEntry record;
  record.set_content_id(config::to_bytes(entry.content_id));
  record.set_published_us(to_stored_time(entry.published));
  record.set_documents(entry.documents);
  record.set_text_bytes(entry.text_bytes);
  record.set_layers(entry.layers);
  record.set_added(entry.added);
  record.set_changed(entry.changed);
  record.set_removed(entry.removed);
  record.set_gone_documents(to_row(line.gone.documents));
  record.set_gone_layers(to_row(line.gone.layers));
  return record.SerializeAsString();
}

Result<StoredHistoryEntry> decode_history_entry(std::string_view value) {
  const Error damaged{"a line of a knowledge base's history is cut or damaged"};
  records::KbHistoryEntry record;
  if (!parse(value, record)) return damaged;
  const auto content_id = config::from_bytes(record.content_id());
  if (!content_id || !is_stored_time(record.published_us())) return damaged;
  StoredHistoryEntry line;
  line.entry = {0,
                *content_id,
                from_stored_time(record.published_us()),
                record.documents(),
                record.text_bytes(),
                record.layers(),
                record.added(),
                record.changed(),
                record.removed()};
  if (!read_row(record.gone_documents(), line.gone.documents)) return damaged;
  if (!read_row(record.gone_layers(), line.gone.layers)) return damaged;
  return line;
}

Result<KbVersion> read_version(std::string_view name, std::string_view value) {
  auto version = decode_kb_version(value);
  if (version && version->name == name) return version;
  return Error{"the knowledge base '" + std::string(name) +
               "' cannot be read: its record in the store is damaged; restore the store"};
}

Result<Chain> read_chain(const Store& store, std::string_view name) {
  auto versions = list_kbs(store);
  if (!versions) return versions.error();
  Chain chain;
  for (auto& version : *versions) {
    if (version.name == name) {
      chain.current = std::move(version);
    } else {
      chain.others.add(version);
    }
  }
  if (auto read = read_lines(store, name, chain); !read) return read.error();
  // A version of a program that kept no history has no line yet.
  if (chain.current && chain.lines.empty()) {
    chain.lines.push_back(make_line(*chain.current, nullptr));
  }
  return chain;
}

void add_next(const Chain& chain, KbVersion& version, std::size_t kept, std::vector<Write>& batch) {
  const auto& name = version.name;
  const auto* before = chain.current ? &*chain.current : nullptr;
  version.sequence = before != nullptr ? before->sequence + 1 : 1;
  auto lines = chain.lines;
  const auto own = references_of(version);
  if (before != nullptr) {
    lines.back().gone = references_of(*before).without(own);
    add_line(name, lines.back(), batch);
    batch.push_back(
        {Family::old_versions, kept_key(name, lines.back().entry.sequence), encode(*before)});
  }
  lines.push_back(make_line(version, before));
  add_line(name, lines.back(), batch);
  batch.push_back({Family::versions, name, encode(version)});

  const auto dropped = lines.size() - std::min(lines.size(), kept);
  References candidates;
  References needed = own;
  needed.add(chain.others);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i >= dropped) {
      needed.add(lines[i].gone);
      continue;
    }
    candidates.add(lines[i].gone);
    // Behind what was added above: of two changes to one key, the last one counts.
    const auto key = kept_key(name, lines[i].entry.sequence);
    batch.push_back({Family::history, key, std::nullopt});
    batch.push_back({Family::old_versions, key, std::nullopt});
  }
  add_deletions(candidates.without(needed), batch);
}

void add_removal(const Chain& chain, std::vector<Write>& batch) {
  const auto& name = chain.current->name;
  auto candidates = references_of(*chain.current);
  for (const auto& line : chain.lines) {
    candidates.add(line.gone);
    const auto key = kept_key(name, line.entry.sequence);
    batch.push_back({Family::history, key, std::nullopt});
    batch.push_back({Family::old_versions, key, std::nullopt});
  }
  batch.push_back({Family::versions, name, std::nullopt});
  add_deletions(candidates.without(chain.others), batch);
}

}  // namespace foreword::cache
