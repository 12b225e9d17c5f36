#include "proxy/admin_routes.h"

#include <string>

#include <gtest/gtest.h>

namespace foreword::proxy {
namespace {

std::string route(std::string_view path) {
  const auto* found = find_admin_route(path);
  return found == nullptr ? "none" : std::string(found->path);
}

TEST(AdminRoutes, APathIsOneWordForWord) {
  EXPECT_EQ(route("/api/savings"), "/api/savings");
  EXPECT_EQ(route("/api/prices/check"), "/api/prices/check");
}

TEST(AdminRoutes, APartInBracesIsAnyOnePart) {
  EXPECT_EQ(route("/api/kbs/handbook"), "/api/kbs/{name}");
  EXPECT_EQ(route("/api/kbs/handbook/diff"), "/api/kbs/{name}/diff");
}

TEST(AdminRoutes, WhatIsNotThereIsNone) {
  for (const auto* path : {"", "/", "/api", "/api/saving", "/api/savings/x", "/api/kbs//diff",
                           "/api/kbs/a/b", "/api/kbs/a/diff/c", "api/savings"}) {
    EXPECT_EQ(route(path), "none") << path;
  }
}

}  // namespace
}  // namespace foreword::proxy
