#include "proxy/kb_directory.h"

#include <utility>

#include <fmt/format.h>

#include "config/kb_set.h"
#include "config/limits.h"

namespace foreword::proxy {
namespace {

template <class Map>
typename Map::mapped_type find_in(const Map& map, std::string_view name) {
  const auto found = map.find(name);
  return found == map.end() ? nullptr : found->second;
}

}  // namespace

std::shared_ptr<const LoadedKb> KbDirectory::find(std::string_view name) const {
  return find_in(state_.load()->loaded, name);
}

std::vector<std::shared_ptr<const LoadedKb>> KbDirectory::list() const {
  std::vector<std::shared_ptr<const LoadedKb>> all;
  const auto state = state_.load();
  for (const auto& [name, kb] : state->loaded) all.push_back(kb);
  return all;
}

config::Result<std::shared_ptr<const AttachedKbs>> KbDirectory::attach(std::string_view set) {
  auto attached = find_in(state_.load()->attached, set);
  if (attached) return attached;
  return join(set);
}

config::Result<std::shared_ptr<const AttachedKbs>> KbDirectory::join(std::string_view set) {
  const std::lock_guard lock(changing_);
  const auto state = state_.load();
  if (auto attached = find_in(state->attached, set)) return attached;  // another was quicker
  std::vector<std::shared_ptr<const LoadedKb>> kbs;
  for (const auto& name : config::split_kb_set(set)) {
    kbs.push_back(find_in(state->loaded, name));
    if (kbs.back()) continue;
    return config::Error{fmt::format(
        "there is no knowledge base '{}': load it with `foreword kb load {} PATH...`", name, name)};
  }
  auto next = std::make_shared<State>(*state);
  // Whoever invents sets makes others join theirs again: that costs microseconds, and no memory.
  if (next->attached.size() >= config::limits::kMaxJoinedKbs) next->attached.clear();
  auto attached = proxy::attach(std::move(kbs));
  next->attached.emplace(set, attached);
  state_.store(std::move(next));
  return attached;
}

void KbDirectory::show(std::string_view name, std::shared_ptr<const LoadedKb> kb) {
  const std::lock_guard lock(changing_);
  auto next = std::make_shared<State>(*state_.load());
  std::erase_if(next->attached,
                [&](const auto& entry) { return config::kb_set_has(entry.first, name); });
  if (kb) {
    next->loaded.insert_or_assign(std::string(name), std::move(kb));
  } else if (const auto gone = next->loaded.find(name); gone != next->loaded.end()) {
    next->loaded.erase(gone);
  }
  state_.store(std::move(next));
}

}  // namespace foreword::proxy
