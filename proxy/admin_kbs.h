// The admin API's part under /api/kbs: knowledge bases are listed, shown, put, rolled back,
// deleted.
#pragma once

#include <string_view>

#include "assembler/layout.h"
#include "cache/store.h"
#include "proxy/admin_response.h"
#include "proxy/services.h"

namespace foreword::proxy {

/// Blocks while it reads and writes the store or waits for a provider. Thread-safe: it has no state
/// of its own. Services and store outlive it.
class AdminKbs {
 public:
  static constexpr std::string_view kPath = "/api/kbs";

  AdminKbs(const Services& services, cache::Store& store) : services_(services), store_(store) {}

  /// Is this path (without a query) one of those below?
  [[nodiscard]] static bool knows(std::string_view path);
  /// REQUIRES: knows(path).
  [[nodiscard]] AdminResponse answer(std::string_view method, std::string_view path,
                                     std::string_view body);

 private:
  [[nodiscard]] AdminResponse list() const;
  [[nodiscard]] AdminResponse show(std::string_view name) const;
  [[nodiscard]] AdminResponse put(std::string_view name, std::string_view body);
  [[nodiscard]] AdminResponse remove(std::string_view name);
  [[nodiscard]] AdminResponse history(std::string_view name) const;
  [[nodiscard]] AdminResponse roll_back(std::string_view name, std::string_view body);
  [[nodiscard]] AdminResponse export_texts(std::string_view name) const;
  [[nodiscard]] config::Result<assembler::LayoutPolicy> layout_policy(std::string_view name);

  const Services& services_;
  cache::Store& store_;
};

}  // namespace foreword::proxy
