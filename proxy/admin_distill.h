// The admin API's part under /api/distill: what is captured for training is counted, exported as
// lines of JSON, and deleted.
#pragma once

#include <string_view>

#include "proxy/admin_response.h"
#include "proxy/services.h"

namespace foreword::proxy {

/// Blocks while it reads and writes the store. Thread-safe: it has no state of its own. Services
/// outlive it.
class AdminDistill {
 public:
  explicit AdminDistill(const Services& services) : services_(services) {}

  /// Is this path (without a query) one of those below?
  [[nodiscard]] static bool knows(std::string_view path);
  /// REQUIRES: knows(path).
  [[nodiscard]] AdminResponse answer(std::string_view method, std::string_view path,
                                     std::string_view query);

 private:
  /// GET /api/distill
  [[nodiscard]] AdminResponse show() const;
  /// DELETE /api/distill with "label", "from", "to", at least one of them, or "all": 1.
  [[nodiscard]] AdminResponse remove(std::string_view query);
  /// GET /api/distill/examples. Parameters, all optional: "format" (openai), "label", "from", "to",
  /// "limit", "first".
  ///
  /// {"lines": [text...], "left_out": {reason: count}, "next": id or null}: oldest first; where
  /// there is a next page its "first" is "next". A page is bounded by bytes too, so it may hold
  /// fewer than "limit", or none, and still have a next one.
  [[nodiscard]] AdminResponse examples(std::string_view query) const;

  const Services& services_;
};

}  // namespace foreword::proxy
