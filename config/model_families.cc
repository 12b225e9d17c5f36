#include "config/model_families.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

namespace foreword::config {
namespace {

struct ParsedName {
  std::string family;
  std::vector<int> version;
};

constexpr int kLeastYear = 1000;

/// A part that begins with a digit ("5", "6.2", "4o") is of the version; from a year on it is a
/// date, which makes a model no newer.
ParsedName parse(std::string_view name) {
  ParsedName parsed;
  while (!name.empty()) {
    const auto part = name.substr(0, name.find('-'));
    name.remove_prefix(std::min(part.size() + 1, name.size()));
    if (part.empty() || part == "preview") continue;
    if (part[0] < '0' || part[0] > '9') {
      if (!parsed.family.empty()) parsed.family += '-';
      parsed.family += part;
      continue;
    }
    const char* at = part.data();
    const char* const end = at + part.size();
    while (at != end) {
      int number = 0;
      const auto [stop, error] = std::from_chars(at, end, number);
      if (error != std::errc() || number >= kLeastYear) return parsed;
      parsed.version.push_back(number);
      at = stop != end && *stop == '.' ? stop + 1 : end;
    }
  }
  return parsed;
}

struct Newest {
  const Model* model = nullptr;
  std::vector<int> version;
  [[nodiscard]] int generation() const { return version.empty() ? 0 : version.front(); }
};

}  // namespace

std::string family_of(std::string_view model) {
  return parse(model).family;
}

std::vector<const Model*> newest_of_families(const ModelTable& models) {
  std::map<std::pair<Provider, std::string>, Newest> families;
  std::map<Provider, int> generations;
  for (const auto& model : models.models()) {
    auto [family, version] = parse(model.name);
    auto& newest = families[{model.provider, std::move(family)}];
    if (newest.model != nullptr && version <= newest.version) continue;
    newest = {&model, std::move(version)};
    auto& generation = generations[model.provider];
    generation = std::max(generation, newest.generation());
  }
  std::vector<const Model*> shown;
  for (const auto& [family, newest] : families) {
    if (!newest.model->retires.empty()) continue;
    if (newest.generation() + 1 < generations[family.first]) continue;
    shown.push_back(newest.model);
  }
  return shown;
}

}  // namespace foreword::config
