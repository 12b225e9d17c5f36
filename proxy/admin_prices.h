// The admin API's part under /api/prices: prices are shown, checked and imported, and rows without
// a price get theirs.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cache/store.h"
#include "config/live_models.h"
#include "config/price_import.h"
#include "config/result.h"
#include "proxy/admin_response.h"
#include "proxy/services.h"

namespace foreword::proxy {

/// `first` with what was imported into the store. `first` outlives what is returned.
[[nodiscard]] config::Result<std::unique_ptr<config::LiveModels>> load_prices(
    const cache::Store& store, const config::ModelTable& first);

/// Blocks while it reads and writes the store. Thread-safe. Services and store outlive it.
class AdminPrices {
 public:
  AdminPrices(const Services& services, cache::Store& store)
      : services_(services), store_(store), started_(services.now()) {}

  /// Is this path (without a query) one of /api/prices, /api/prices/check, /api/prices/reprice?
  [[nodiscard]] static bool knows(std::string_view path);
  /// REQUIRES: knows(path).
  [[nodiscard]] AdminResponse answer(std::string_view method, std::string_view path,
                                     std::string_view query, std::string body);

 private:
  [[nodiscard]] AdminResponse show(std::string_view query) const;
  [[nodiscard]] AdminResponse check(std::string_view query) const;
  /// What an import would change; with "apply", that is done: stored first, then in force.
  [[nodiscard]] AdminResponse import(std::string_view body);
  [[nodiscard]] config::Result<void> apply(const config::PriceImport& taken);
  /// A bounded part of the ledger, from the id "first" on; "next" in the answer is where to go on.
  [[nodiscard]] AdminResponse reprice(std::string_view body);

  const Services& services_;
  cache::Store& store_;
  config::TimePoint started_;
};

}  // namespace foreword::proxy
