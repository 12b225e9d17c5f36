// Imported prices, in the order in which they were imported. They are never changed or removed: a
// wrong one is put right by a later one.
//
// Thread-safe, as the store is.
#pragma once

#include <vector>

#include "cache/store.h"
#include "config/price_import.h"
#include "config/result.h"

namespace foreword::cache {

/// Behind all others, in one write that survives a power cut.
/// REQUIRES: store.one_change_at_a_time() is held.
[[nodiscard]] config::Result<void> put_price_import(Store& store,
                                                    const config::PriceImport& import);

/// Oldest first. An import that cannot be read is an Error: prices without it would be other
/// prices.
[[nodiscard]] config::Result<std::vector<config::PriceImport>> list_price_imports(
    const Store& store);

}  // namespace foreword::cache
