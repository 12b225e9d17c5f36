// What the admin listener answers, without its sockets.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cache/store.h"
#include "proxy/admin_distill.h"
#include "proxy/admin_kbs.h"
#include "proxy/admin_prices.h"
#include "proxy/admin_response.h"
#include "proxy/services.h"

namespace foreword::proxy {

/// Blocks while it reads the store or waits for a provider. Thread-safe: what it knows does
/// not change.
class AdminApi {
 public:
  AdminApi(const Services& services, cache::Store& store, std::string token)
      : services_(services),
        store_(store),
        token_(std::move(token)),
        kbs_(services, store),
        prices_(services, store),
        distill_(services) {}

  /// By the head alone: why this client gets no answer, if it gets none.
  [[nodiscard]] std::optional<AdminResponse> refuse(const AdminRequest& request) const;
  /// REQUIRES: the request is not to be refused.
  [[nodiscard]] AdminResponse answer(AdminRequest request) { return route(std::move(request)); }

 private:
  [[nodiscard]] AdminResponse route(AdminRequest request);
  [[nodiscard]] AdminResponse savings(std::string_view query);
  [[nodiscard]] AdminResponse spending(std::string_view query);
  [[nodiscard]] AdminResponse misses(std::string_view query);
  [[nodiscard]] AdminResponse advice(std::string_view query);
  [[nodiscard]] AdminResponse requests(std::string_view query);
  [[nodiscard]] AdminResponse one_request(std::string_view id);
  [[nodiscard]] AdminResponse warmth();
  [[nodiscard]] AdminResponse prefixes() const;
  [[nodiscard]] AdminResponse status() const;

  const Services& services_;
  cache::Store& store_;
  std::string token_;
  AdminKbs kbs_;
  AdminPrices prices_;
  AdminDistill distill_;
};

}  // namespace foreword::proxy
