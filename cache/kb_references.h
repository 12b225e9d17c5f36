// Which documents and layers a version refers to: what must stay. Private to cache/.
//
// Plain values. Each line of a history says what its version refers to and the next one does not
// (`gone`). So what all kept versions refer to is what the current ones do and what the lines say,
// and no old version has to be read to find what nobody needs any longer.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cache/knowledge.h"
#include "cache/store.h"

namespace foreword::cache {

struct References {
  std::set<config::Hash128> documents;
  std::set<config::Hash128> layers;

  void add(const KbVersion& version);
  void add(const References& others);
  /// What is here and not in `others`.
  [[nodiscard]] References without(const References& others) const;
};

inline constexpr std::size_t kHashBytes = 16;
/// Hashes as they are stored, one behind the other; and back. false: the row is cut.
[[nodiscard]] std::string to_row(const std::set<config::Hash128>& hashes);
[[nodiscard]] bool read_row(std::string_view row, std::set<config::Hash128>& hashes);

[[nodiscard]] References references_of(const KbVersion& version);
void add_deletions(const References& unneeded, std::vector<Write>& batch);

}  // namespace foreword::cache
