// The knowledge bases in memory, by name: what requests see of them.
//
// Thread-safe. A request keeps what it was given; a change is seen by later ones. Readers wait for
// nothing but each other's copy of a pointer; the first request of a set of knowledge bases, and
// the first after a change, joins them for all that follow.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.h"
#include "proxy/attached_kbs.h"
#include "proxy/published.h"

namespace foreword::proxy {

class KbDirectory {
 public:
  /// nullptr: there is none of that name.
  [[nodiscard]] std::shared_ptr<const LoadedKb> find(std::string_view name) const;
  /// By name.
  [[nodiscard]] std::vector<std::shared_ptr<const LoadedKb>> list() const;

  /// What a request gets that names this set (config/kb_set.h), or an Error that says which one is
  /// not there. REQUIRES: the set in its one order, as join_kb_set() makes it.
  [[nodiscard]] config::Result<std::shared_ptr<const AttachedKbs>> attach(std::string_view set);

  /// From now on; nullptr takes it away.
  void show(std::string_view name, std::shared_ptr<const LoadedKb> kb);

 private:
  template <class T>
  using Map = std::map<std::string, std::shared_ptr<const T>, std::less<>>;
  struct State {
    Map<LoadedKb> loaded;
    Map<AttachedKbs> attached;  // of current versions only
  };

  [[nodiscard]] config::Result<std::shared_ptr<const AttachedKbs>> join(std::string_view set);

  std::mutex changing_;  // one change of the state at a time; each is short
  Published<const State> state_{std::make_shared<const State>()};
};

}  // namespace foreword::proxy
