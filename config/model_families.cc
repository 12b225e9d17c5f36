#include "config/model_families.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "config/suggest.h"

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

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string_view without_date(std::string_view name) {
  constexpr std::string_view kLatest = "-latest";
  constexpr std::size_t kCompact = 9;
  constexpr std::size_t kDashed = 11;
  if (name.ends_with(kLatest)) return name.substr(0, name.size() - kLatest.size());
  if (name.size() > kCompact) {
    const auto tail = name.substr(name.size() - kCompact);
    if (tail[0] == '-' && all_digits(tail.substr(1))) return name.substr(0, name.size() - kCompact);
  }
  if (name.size() > kDashed) {
    const auto tail = name.substr(name.size() - kDashed);
    if (tail[0] == '-' && all_digits(tail.substr(1, 4)) && tail[5] == '-' &&
        all_digits(tail.substr(6, 2)) && tail[8] == '-' && all_digits(tail.substr(9, 2))) {
      return name.substr(0, name.size() - kDashed);
    }
  }
  return name;
}

std::string family_of(std::string_view model) {
  return parse(model).family;
}

std::optional<std::string> closest_model(const ModelTable& models, std::string_view name) {
  // To suggest() a point ends a part of a key; in "gpt-6.2-sol" it does not.
  constexpr char kNoPoint = ' ';
  std::vector<std::string> known;
  for (const auto& model : models.models()) {
    known.push_back(model.name);
    std::ranges::replace(known.back(), '.', kNoPoint);
  }
  std::string wanted(name);
  std::ranges::replace(wanted, '.', kNoPoint);
  auto close = suggest(wanted, known);
  if (close) std::ranges::replace(*close, kNoPoint, '.');
  return close;
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
