#include "tools/litellm_json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "tools/documents/skipped.h"

namespace foreword::tools {
namespace {

namespace ondemand = simdjson::ondemand;
using Members = std::map<std::string, std::string, std::less<>>;

/// Prices, names and modes are short; prose is of no use here.
constexpr std::size_t kMaxValueBytes = 256;

std::string trimmed(std::string_view token) {
  const auto last = token.find_last_not_of(" \t\r\n");
  token = last == std::string_view::npos ? std::string_view() : token.substr(0, last + 1);
  return std::string(token.substr(0, kMaxValueBytes));
}

bool is_container(std::string_view token) {
  return token.starts_with('{') || token.starts_with('[');
}

void add(Members& members, std::set<std::string>& differs, std::string key, std::string value) {
  const auto [at, added] = members.try_emplace(key, value);
  if (!added && at->second != value) differs.insert(std::move(key));
}

void read_specific(ondemand::object object, LitellmEntry& entry) {
  for (auto field : object) {
    std::string key(std::string_view(field.unescaped_key()));
    ondemand::value value = field.value();
    const std::string_view token = value.raw_json_token();
    if (is_container(token)) continue;
    add(entry.specific, entry.differs, std::move(key), trimmed(token));
  }
}

void read_entry(ondemand::object object, LitellmEntry& entry) {
  for (auto field : object) {
    std::string key(std::string_view(field.unescaped_key()));
    ondemand::value value = field.value();
    const std::string_view token = value.raw_json_token();
    if (key == "tiered_pricing") entry.tiered = true;
    if (key == "provider_specific_entry" && token.starts_with('{')) {
      read_specific(value.get_object(), entry);
    } else if (!is_container(token)) {
      add(entry.members, entry.differs, std::move(key), trimmed(token));
    }
  }
}

}  // namespace

config::Result<std::vector<LitellmEntry>> read_litellm_entries(std::string_view json) {
  std::vector<LitellmEntry> entries;
  try {
    const simdjson::padded_string padded(json);
    ondemand::parser parser;
    ondemand::document document = parser.iterate(padded);
    for (auto field : document.get_object()) {
      LitellmEntry entry;
      entry.name = std::string(std::string_view(field.unescaped_key()));
      ondemand::value value = field.value();
      entry.is_object = std::string_view(value.raw_json_token()).starts_with('{');
      if (entry.is_object) read_entry(value.get_object(), entry);
      entries.push_back(std::move(entry));
    }
    const char* more = nullptr;
    if (document.current_location().get(more) == simdjson::SUCCESS) {
      return config::Error{"there is more behind its JSON object"};
    }
  } catch (const simdjson::simdjson_error& error) {
    return config::Error{fmt::format(
        "it is not a JSON object of models, after entry {}{}: {}", entries.size(),
        entries.empty() ? "" : " (" + printable(entries.back().name) + ")", error.what())};
  }
  return entries;
}

}  // namespace foreword::tools
