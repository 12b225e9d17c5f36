#include "assembler/layer.h"

#include <algorithm>
#include <string_view>

#include <boost/json/serialize.hpp>

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

/// Whether what follows a '<' could be read as one of our tags. `<documents` and
/// `<document_content` begin with `<document`.
bool looks_like_our_tag(std::string_view behind) {
  behind = skip_space(behind);
  if (behind.starts_with('/')) behind = skip_space(behind.substr(1));
  return starts_with_ignoring_case(behind, "document") ||
         starts_with_ignoring_case(behind, "source");
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

void append_document(std::string& out, std::size_t index, const Document& document) {
  out += "<document index=\"" + std::to_string(index) + "\">\n<source>";
  append_harmless(out, document.path);
  out += "</source>\n<document_content>\n";
  append_harmless(out, document.text);
  out += "</document_content>\n</document>\n";
}

}  // namespace

std::vector<Layer> render_layers(std::span<const Document> documents) {
  std::vector<const Document*> ordered;
  ordered.reserve(documents.size());
  for (const Document& document : documents) ordered.push_back(&document);
  std::ranges::sort(ordered, {},
                    [](const Document* document) -> const std::string& { return document->path; });

  Layer layer;
  std::string text = "<documents>\n";
  for (const Document* document : ordered) {
    layer.paths.push_back(document->path);
    append_document(text, layer.paths.size(), *document);
  }
  text += "</documents>\n";
  layer.text_bytes = text.size();
  layer.escaped = escape_json(text);
  layer.hash = config::xxh3_128(layer.escaped);
  std::vector<Layer> layers;
  layers.push_back(std::move(layer));
  return layers;
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
