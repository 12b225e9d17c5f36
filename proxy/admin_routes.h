// The paths of the admin listener and the methods that each takes: what proxy/openapi.json
// describes and what a path that is none is answered with.
//
// Static storage; any thread may read it.
#pragma once

#include <span>
#include <string_view>

namespace foreword::proxy {

struct AdminRoute {
  std::string_view path;     // "/api/kbs/{name}/diff": a part in braces stands for any one part
  std::string_view methods;  // "GET PUT"; where GET is, HEAD is too
};

[[nodiscard]] std::span<const AdminRoute> admin_routes();
/// By a path without a query; nullptr: there is none.
[[nodiscard]] const AdminRoute* find_admin_route(std::string_view path);

}  // namespace foreword::proxy
