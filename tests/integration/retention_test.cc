// Rows that get too old, by a clock that is not the machine's.
#include <chrono>
#include <string>
#include <thread>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

using namespace std::chrono_literals;

class Retention : public testing::Test {
 protected:
  void restart_days_later(int days) {
    proxy_.restart([&](proxy::ServerOptions& options) {
      options.settings.store.retention_days = 30;
      options.now = [days] { return std::chrono::system_clock::now() + days * 24h; };
    });
  }
  std::size_t rows() {
    return proxy_.admin("GET", "/api/requests").at("requests").as_array().size();
  }
  std::uint64_t requests_in_savings() {
    const auto savings = proxy_.admin("GET", "/api/savings");
    return savings.at("total").at("requests").to_number<std::uint64_t>();
  }

  FakeUpstream upstream_{[](const Message&, Wire& wire) { wire.send(ok_response("{}")); }};
  ProxyUnderTest proxy_{upstream_.url()};
};

TEST_F(Retention, DeletesOldRowsAndKeepsWhatTheySumUpTo) {
  (void)proxy_.row(
      ask(proxy_, post("/v1/messages", R"({"model":"claude-sonnet-5-5","messages":[]})")));
  ASSERT_EQ(rows(), 1u);
  restart_days_later(32);
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (rows() > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(5ms);
  }
  EXPECT_EQ(rows(), 0u);
  EXPECT_EQ(requests_in_savings(), 1u);
}

}  // namespace
}  // namespace foreword::test
