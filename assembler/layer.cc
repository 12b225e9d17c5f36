#include "assembler/layer.h"

#include <algorithm>
#include <string_view>

#include <boost/json/serialize.hpp>

#include "assembler/document_order.h"
#include "assembler/snapshot_diff.h"

namespace foreword::assembler {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower_case_prefix) {
  return text.size() >= lower_case_prefix.size() &&
         std::equal(lower_case_prefix.begin(), lower_case_prefix.end(), text.begin(),
                    [](char expected, char c) { return expected == lower(c); });
}

std::string_view skip_space(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\n\r\v\f");
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

/// Whether what follows a '<' could be read as one of our tags, those of knowledge.h included.
/// `<documents` and `<document_content` begin with `<document`.
bool looks_like_our_tag(std::string_view behind) {
  behind = skip_space(behind);
  if (behind.starts_with('/')) behind = skip_space(behind.substr(1));
  return starts_with_ignoring_case(behind, "document") ||
         starts_with_ignoring_case(behind, "source") ||
         starts_with_ignoring_case(behind, "knowledge_base");
}

/// Appends `text` such that no document can forge the end of itself or the begin of another.
void append_harmless(std::string& out, std::string_view text) {
  while (true) {
    const auto bracket = text.find('<');
    out += text.substr(0, bracket);
    if (bracket == std::string_view::npos) return;
    text.remove_prefix(bracket + 1);
    out += looks_like_our_tag(text) ? "&lt;" : "<";
  }
}

void append_attribute(std::string& out, std::string_view name, std::string_view value) {
  std::string text;
  append_harmless(text, value);
  out += ' ';
  out += name;
  out += "=\"";
  for (const char c : text) {
    if (c == '"') {
      out += "&quot;";
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_occurrence(std::string& out, const SectionName& name) {
  if (name.occurrence > 1) append_attribute(out, "occurrence", std::to_string(name.occurrence));
}

void append_start(std::string& out, std::size_t index, std::string_view path) {
  out += "<document index=\"" + std::to_string(index) + "\">\n<source>";
  append_harmless(out, path);
  out += "</source>\n";
}

void append_whole(std::string& out, const Document& document) {
  out += "<document_content>\n";
  append_harmless(out, document.text);
  out += "</document_content>\n";
}

void append_amendment(std::string& out, const Amendment& amendment) {
  for (const auto& name : amendment.superseded) {
    out += "<document_superseded";
    append_attribute(out, "section", name.title);
    append_occurrence(out, name);
    out += "/>\n";
  }
  for (const auto& added : amendment.added) {
    out += "<document_content";
    if (added.at_start) {
      append_attribute(out, "at", "start");
    } else {
      append_attribute(out, "after", added.after.title);
      append_occurrence(out, added.after);
    }
    out += ">\n";
    append_harmless(out, added.text);
    out += "</document_content>\n";
  }
}

void append_change(std::string& out, std::size_t index, const DocumentChange& change) {
  append_start(out, index, change.path());
  if (change.moved()) {
    out += "<document_formerly>";
    append_harmless(out, change.before->path);
    out += "</document_formerly>\n";
  }
  if (change.after == nullptr) {
    out += "<document_removed/>\n";
  } else if (change.before == nullptr) {
    append_whole(out, *change.after);
  } else if (change.say_whole()) {
    out += "<document_superseded/>\n";
    append_whole(out, *change.after);
  } else {
    append_amendment(out, change.amendment);
  }
  out += "</document>\n";
}

/// In front of what is newer than something above. It is read with every request: no word too many.
constexpr std::string_view kNote =
    "<document_note>Newer than the above: what is superseded or removed here is void there, the "
    "rest stays valid.</document_note>\n";

/// Whether it says something of documents above, and not only documents of its own.
bool speaks_of_earlier(const std::vector<DocumentChange>& changes) {
  return std::ranges::any_of(changes, [](const auto& change) { return change.before != nullptr; });
}

/// The layer's text, piece by piece: that of a large base is not needed in one place. Pieces end
/// between characters.
template <class Take>
void each_piece(const std::vector<DocumentChange>& changes, std::size_t first_index, Take&& take) {
  std::string piece = "<documents>\n";
  if (speaks_of_earlier(changes)) piece += kNote;
  take(piece);
  auto index = first_index;
  for (const auto& change : changes) {
    piece.clear();
    append_change(piece, index++, change);
    take(piece);
  }
  take("</documents>\n");
}

std::uint64_t text_bytes(const std::vector<DocumentChange>& changes, std::size_t first_index) {
  std::uint64_t bytes = 0;
  each_piece(changes, first_index, [&](std::string_view piece) { bytes += piece.size(); });
  return bytes;
}

Layer as_layer(const std::vector<DocumentChange>& changes, std::size_t first_index) {
  Layer layer;
  for (const auto& change : changes) {
    layer.paths.push_back(change.path());
  }
  layer.text_bytes = text_bytes(changes, first_index);
  // With what escaping may add: to grow would need the room twice.
  layer.escaped.reserve(layer.text_bytes + layer.text_bytes / 8);
  each_piece(changes, first_index,
             [&](std::string_view piece) { layer.escaped += escape_json(piece); });
  layer.hash = config::xxh3_128(layer.escaped);
  return layer;
}

std::uint64_t superseded_bytes(const DocumentChange& change) {
  if (change.before == nullptr) return 0;
  if (change.after == nullptr || change.say_whole()) return change.before->text.size();
  return change.amendment.superseded_bytes;
}

}  // namespace

std::optional<Layer> render_layer(const Snapshot& before, const Snapshot& after,
                                  std::size_t first_index, std::span<const std::string> order) {
  auto changes = diff(before, after);
  if (changes.empty()) return std::nullopt;
  const DocumentPlaces places(order);
  const auto place = [&](const DocumentChange& change) { return places.of(change.path()); };
  std::ranges::stable_sort(changes, {}, place);
  return as_layer(changes, first_index);
}

LayerSize measure_layer(const Snapshot& before, const Snapshot& after) {
  const auto changes = diff(before, after);
  LayerSize size;
  if (!changes.empty()) size.text_bytes = text_bytes(changes, 1);
  for (const auto& change : changes) size.superseded_bytes += superseded_bytes(change);
  return size;
}

config::Hash128 content_id(std::span<const Layer> layers) {
  std::string hashes;
  for (const Layer& layer : layers) hashes += config::to_bytes(layer.hash);
  return config::xxh3_128(hashes);
}

std::string escape_json(std::string_view text) {
  std::string quoted = boost::json::serialize(boost::json::string_view(text.data(), text.size()));
  quoted.pop_back();
  quoted.erase(0, 1);
  return quoted;
}

}  // namespace foreword::assembler
