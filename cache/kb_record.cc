#include "cache/kb_record.h"

#include <optional>

#include "cache/record_fields.h"
#include "records.pb.h"

namespace foreword::cache {
namespace {

using config::Error;
using config::from_bytes;
using config::to_bytes;

std::optional<StoredDocument> to_document(const records::KbVersion::Document& record) {
  const auto hash = from_bytes(record.hash());
  if (!hash) return std::nullopt;
  return StoredDocument{record.path(), *hash, record.bytes()};
}

std::optional<StoredLayer> to_layer(const records::KbVersion::Layer& record) {
  const auto hash = from_bytes(record.hash());
  if (!hash) return std::nullopt;
  return StoredLayer{*hash, record.escaped_bytes(), record.text_bytes(), record.documents()};
}

using Documents = google::protobuf::RepeatedPtrField<records::KbVersion::Document>;

void add_documents(const std::vector<StoredDocument>& documents, Documents& to) {
  for (const auto& document : documents) {
    auto* entry = to.Add();
    entry->set_path(document.path);
    entry->set_hash(to_bytes(document.hash));
    entry->set_bytes(document.bytes);
  }
}

/// false: one of them is damaged.
bool read_documents(const Documents& from, std::vector<StoredDocument>& documents) {
  for (const auto& entry : from) {
    auto document = to_document(entry);
    if (!document) return false;
    documents.push_back(std::move(*document));
  }
  return true;
}

void add_layout(const KbVersion& version, records::KbVersion& record) {
  const auto& layout = version.layout;
  if (layout.base != version.documents) add_documents(layout.base, *record.mutable_base());
  if (layout.middle != version.documents) add_documents(layout.middle, *record.mutable_middle());
  for (const auto& [path, changes] : layout.heat) {
    auto* entry = record.add_heat();
    entry->set_path(path);
    entry->set_changes(changes);
  }
  for (const auto& path : layout.order) record.add_order(path);
  record.set_last_layer_cost(layout.last_layer_cost);
  record.set_base_cost(layout.base_cost);
}

bool read_layout(const records::KbVersion& record, KbVersion& version) {
  auto& layout = version.layout;
  if (!read_documents(record.base(), layout.base)) return false;
  if (!read_documents(record.middle(), layout.middle)) return false;
  if (layout.base.empty()) layout.base = version.documents;
  if (layout.middle.empty()) layout.middle = version.documents;
  for (const auto& entry : record.heat()) layout.heat[entry.path()] = entry.changes();
  layout.order.assign(record.order().begin(), record.order().end());
  layout.last_layer_cost = record.last_layer_cost();
  layout.base_cost = record.base_cost();
  return true;
}

}  // namespace

std::string encode(const KbVersion& version) {
  records::KbVersion record;
  record.set_name(version.name);
  record.set_content_id(to_bytes(version.content_id));
  record.set_published_us(to_stored_time(version.published));
  record.set_sequence(version.sequence);
  add_documents(version.documents, *record.mutable_documents());
  for (const auto& layer : version.layers) {
    auto* entry = record.add_layers();
    entry->set_hash(to_bytes(layer.hash));
    entry->set_escaped_bytes(layer.escaped_bytes);
    entry->set_text_bytes(layer.text_bytes);
    entry->set_documents(layer.documents);
  }
  add_layout(version, record);
  return record.SerializeAsString();
}

config::Result<KbVersion> decode_kb_version(std::string_view value) {
  const Error damaged{"the version of a knowledge base is cut or damaged"};
  records::KbVersion record;
  if (!parse(value, record)) return damaged;
  const auto content_id = from_bytes(record.content_id());
  if (!content_id || !is_stored_time(record.published_us())) return damaged;
  KbVersion version{
      record.name(),    *content_id, from_stored_time(record.published_us()), {}, {}, {},
      record.sequence()};
  if (!read_documents(record.documents(), version.documents)) return damaged;
  for (const auto& entry : record.layers()) {
    const auto layer = to_layer(entry);
    if (!layer) return damaged;
    version.layers.push_back(*layer);
  }
  if (!read_layout(record, version)) return damaged;
  return version;
}

}  // namespace foreword::cache
