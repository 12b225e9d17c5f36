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

}  // namespace

std::string encode(const KbVersion& version) {
  records::KbVersion record;
  record.set_name(version.name);
  record.set_content_id(to_bytes(version.content_id));
  record.set_published_us(to_stored_time(version.published));
  for (const auto& document : version.documents) {
    auto* entry = record.add_documents();
    entry->set_path(document.path);
    entry->set_hash(to_bytes(document.hash));
    entry->set_bytes(document.bytes);
  }
  for (const auto& layer : version.layers) {
    auto* entry = record.add_layers();
    entry->set_hash(to_bytes(layer.hash));
    entry->set_escaped_bytes(layer.escaped_bytes);
    entry->set_text_bytes(layer.text_bytes);
    entry->set_documents(layer.documents);
  }
  return record.SerializeAsString();
}

config::Result<KbVersion> decode_kb_version(std::string_view value) {
  const Error damaged{"the version of a knowledge base is cut or damaged"};
  records::KbVersion record;
  if (!parse(value, record)) return damaged;
  const auto content_id = from_bytes(record.content_id());
  if (!content_id || !is_stored_time(record.published_us())) return damaged;
  KbVersion version{record.name(), *content_id, from_stored_time(record.published_us()), {}, {}};
  for (const auto& entry : record.documents()) {
    auto document = to_document(entry);
    if (!document) return damaged;
    version.documents.push_back(std::move(*document));
  }
  for (const auto& entry : record.layers()) {
    const auto layer = to_layer(entry);
    if (!layer) return damaged;
    version.layers.push_back(*layer);
  }
  return version;
}

}  // namespace foreword::cache
