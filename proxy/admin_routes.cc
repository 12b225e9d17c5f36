#include "proxy/admin_routes.h"

#include <algorithm>
#include <array>

namespace foreword::proxy {
namespace {

constexpr std::array kRoutes{
    AdminRoute{"/api/savings", "GET"},
    AdminRoute{"/api/spending", "GET"},
    AdminRoute{"/api/misses", "GET"},
    AdminRoute{"/api/advice", "GET"},
    AdminRoute{"/api/requests", "GET"},
    AdminRoute{"/api/requests/{id}", "GET"},
    AdminRoute{"/api/explanation", "GET"},
    AdminRoute{"/api/ledger", "GET"},
    AdminRoute{"/api/distill", "GET DELETE"},
    AdminRoute{"/api/distill/examples", "GET"},
    AdminRoute{"/api/kbs", "GET"},
    AdminRoute{"/api/kbs/{name}", "GET PUT DELETE"},
    AdminRoute{"/api/kbs/{name}/diff", "POST"},
    AdminRoute{"/api/kbs/{name}/history", "GET"},
    AdminRoute{"/api/kbs/{name}/documents", "GET"},
    AdminRoute{"/api/kbs/{name}/rollback", "POST"},
    AdminRoute{"/api/warmth", "GET"},
    AdminRoute{"/api/prefixes", "GET"},
    AdminRoute{"/api/prices", "GET POST"},
    AdminRoute{"/api/prices/check", "GET"},
    AdminRoute{"/api/prices/reprice", "POST"},
    AdminRoute{"/api/status", "GET"},
    AdminRoute{"/api/clock", "GET POST"},
    AdminRoute{"/api/openapi.json", "GET"},
    AdminRoute{"/metrics", "GET"},
    AdminRoute{"/healthz", "GET"},
    AdminRoute{"/readyz", "GET"},
};

/// Takes the part up to the next '/' off its front.
std::string_view take_part(std::string_view& path) {
  const auto slash = std::min(path.find('/'), path.size());
  const auto part = path.substr(0, slash);
  path.remove_prefix(std::min(slash + 1, path.size()));
  return part;
}

bool matches(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = take_part(pattern);
    const auto part = take_part(path);
    if (wanted.starts_with('{') ? part.empty() : part != wanted) return false;
  }
  return pattern.empty() && path.empty();
}

}  // namespace

std::span<const AdminRoute> admin_routes() {
  return kRoutes;
}

const AdminRoute* find_admin_route(std::string_view path) {
  const auto found = std::ranges::find_if(
      kRoutes, [&](const AdminRoute& route) { return matches(route.path, path); });
  return found == kRoutes.end() ? nullptr : &*found;
}

}  // namespace foreword::proxy
