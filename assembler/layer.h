// Renders documents to layers: the bytes that every provider gets, escaped for JSON once.
//
// Deterministic: the same documents give the same bytes on any machine. No date, no name of the
// knowledge base, no path of the loader's machine is ever in them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "assembler/document.h"
#include "config/hash128.h"

namespace foreword::assembler {

/// A run of documents that ends in a place for a breakpoint.
struct Layer {
  /// XXH3-128 of `escaped`.
  config::Hash128 hash;
  /// The layer's text as the inside of a JSON string, without the quotes. All providers take the
  /// same text; only the few bytes around it differ, and the planner adds those.
  std::string escaped;
  /// Bytes of the text before escaping: what token estimates are made from.
  std::uint64_t text_bytes = 0;
  /// Paths of the documents, in the order of their index.
  std::vector<std::string> paths;
};

/// The documents of a knowledge base at one moment, ordered by path, paths distinct.
using Snapshot = std::vector<std::shared_ptr<const Document>>;

/// What a layer would cost, without its bytes.
struct LayerSize {
  /// As Layer::text_bytes.
  std::uint64_t text_bytes = 0;
  /// Text of earlier layers that this one says is not valid any more.
  std::uint64_t superseded_bytes = 0;
};

/// The layer that takes a model from `before`, which the layers in front of it have told, to
/// `after`: new documents in full, of changed ones the sections that changed, what is superseded
/// and what is removed by name; a document that only moved keeps its text. Nothing if both are the
/// same. Indexes go on from `first_index`.
///
/// Each document is wrapped with its index and source so that a model can cite it (the providers'
/// long-context advice). Text that looks like our own wrapping is escaped, so that a document
/// cannot forge a boundary. Documents follow one another as their paths do in `order`; those that
/// it lacks come behind, by path. REQUIRES: texts and paths normalised.
[[nodiscard]] std::optional<Layer> render_layer(const Snapshot& before, const Snapshot& after,
                                                std::size_t first_index,
                                                std::span<const std::string> order = {});
[[nodiscard]] LayerSize measure_layer(const Snapshot& before, const Snapshot& after);

/// Names the content of a version: a hash over its layers' hashes, in order.
[[nodiscard]] config::Hash128 content_id(std::span<const Layer> layers);

/// `text` as the inside of a JSON string, without the quotes.
[[nodiscard]] std::string escape_json(std::string_view text);

}  // namespace foreword::assembler
