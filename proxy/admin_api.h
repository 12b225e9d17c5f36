// What the admin listener answers, without its sockets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cache/store.h"
#include "proxy/services.h"

namespace foreword::proxy {

/// Views into the request, for the time of one call.
struct AdminRequest {
  std::string_view method;
  std::string_view target;
  std::string_view host;
  std::string_view origin;
  std::string_view authorization;
  std::string_view body;
};

struct AdminResponse {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
};

/// Blocks while it reads the store. Not thread-safe; its Services are.
class AdminApi {
 public:
  AdminApi(const Services& services, cache::Store& store, std::string token)
      : services_(services), store_(store), token_(std::move(token)) {}

  /// By the head alone: why this client gets no answer, if it gets none.
  [[nodiscard]] std::optional<AdminResponse> refuse(const AdminRequest& request) const;
  /// REQUIRES: the request is not to be refused.
  [[nodiscard]] AdminResponse answer(const AdminRequest& request) { return route(request); }

 private:
  [[nodiscard]] AdminResponse route(const AdminRequest& request);
  [[nodiscard]] AdminResponse savings(std::string_view query);
  [[nodiscard]] AdminResponse requests(std::string_view query);
  [[nodiscard]] AdminResponse one_request(std::string_view id);
  [[nodiscard]] AdminResponse list_kbs();
  [[nodiscard]] AdminResponse show_kb(std::string_view name);
  [[nodiscard]] config::Result<assembler::LayoutPolicy> layout_policy(std::string_view kb);
  [[nodiscard]] AdminResponse put_kb(std::string_view name, std::string_view body);
  [[nodiscard]] AdminResponse delete_kb(std::string_view name);
  [[nodiscard]] AdminResponse status() const;

  const Services& services_;
  cache::Store& store_;
  std::string token_;
};

}  // namespace foreword::proxy
