// The bytes behind the hashes of knowledge bases: read, written and deleted. Private to cache/.
//
// A publish writes them one after another, outside of the one write that makes its version the
// current one, since all of a large knowledge base in one write is held several times over. What it
// is about to write is announced first; so whatever ends a publish early, what it left is found
// without looking at every blob.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/kb_references.h"
#include "cache/knowledge.h"
#include "cache/store.h"
#include "config/result.h"

namespace foreword::cache {

/// An Error if the bytes do not have the hashes and sizes that the version says.
[[nodiscard]] config::Result<void> check_contents(const KbVersion& version,
                                                  const KbContent& content);

/// Announces and writes what the store lacks of the content, or has damaged. REQUIRES: the content
/// was checked, and the store's one_change_at_a_time() is held. The write that publishes has to add
/// add_finished().
[[nodiscard]] config::Result<void> write_contents(Store& store, const KbVersion& version,
                                                  const KbContent& content);
void add_finished(std::vector<Write>& batch);

/// What a publish has announced that was not finished; empty as a rule.
[[nodiscard]] config::Result<References> read_unfinished(const Store& store);

/// Visits each layer with its hash's bytes and all of its own, in the order of the hashes.
[[nodiscard]] config::Result<void> scan_layers(
    const Store& store, const std::function<void(std::string_view, std::string_view)>& visit);

}  // namespace foreword::cache
