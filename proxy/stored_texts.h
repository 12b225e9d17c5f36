// Documents that are put by the hash of a text that the store has already, so that an unchanged
// document need not be sent again.
#pragma once

#include <string>
#include <vector>

#include "cache/store.h"
#include "proxy/kb_draft.h"

namespace foreword::proxy {

/// Whether these documents, all of them named by hash, are those of `kb`.
[[nodiscard]] bool is_same(const LoadedKb& kb, const std::vector<RawDocument>& documents);

/// Reads the texts of those that are named by hash; returns the paths of those whose texts the
/// store lacks, or holds damaged: they have to be sent.
[[nodiscard]] std::vector<std::string> fill_stored_texts(const cache::Store& store,
                                                         std::vector<RawDocument>& documents);

}  // namespace foreword::proxy
