#include "support/proxy_under_test.h"

#include <chrono>
#include <thread>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "config/load.h"
#include "proxy/log.h"

namespace foreword::test {
namespace {

namespace json = boost::json;

std::uint16_t port_of(const std::string& url) {
  return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

std::unique_ptr<proxy::Server> start(const proxy::ServerOptions& options) {
  auto server = proxy::Server::start(options);
  if (!server) throw std::runtime_error(server.error().message);
  return std::move(*server);
}

}  // namespace

ProxyUnderTest::ProxyUnderTest(const std::string& upstream_url,
                               const std::function<void(proxy::ServerOptions&)>& adjust) {
  auto& settings = options_.settings;
  settings.proxy.listen.port = 0;
  settings.proxy.threads = 2;
  settings.admin.listen.port = 0;
  settings.store.path = folder_.path() / "store";
  settings.log.level = "off";
  for (const auto provider :
       {config::Provider::anthropic, config::Provider::openai, config::Provider::gemini}) {
    config::UpstreamSettings upstream;
    upstream.name = config::name_of(provider);
    upstream.provider = provider;
    upstream.base_url = *config::parse_base_url(upstream_url);
    settings.upstreams.push_back(upstream);
  }
  if (adjust) adjust(options_);
  proxy::start_log(settings.log);
  server_ = start(options_);
}

std::uint16_t ProxyUnderTest::port() const {
  return port_of(server_->proxy_url());
}
std::uint16_t ProxyUnderTest::admin_port() const {
  return port_of(server_->admin_url());
}

void ProxyUnderTest::restart(const std::function<void(proxy::ServerOptions&)>& adjust) {
  server_.reset();
  if (adjust) adjust(options_);
  server_ = start(options_);
}

json::value ProxyUnderTest::admin(std::string_view method, std::string_view target,
                                  std::string_view body, int* status) const {
  auto wire = Wire::connect(admin_port());
  wire.send(std::string(method) + " " + std::string(target) +
            " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n\r\n" + std::string(body));
  const auto answer = read_message(wire, true);
  if (status != nullptr) *status = answer.status();
  return json::parse(answer.body);
}

void ProxyUnderTest::load_kb(
    std::string_view name,
    const std::vector<std::pair<std::string, std::string>>& documents) const {
  json::array list;
  for (const auto& [path, text] : documents) list.push_back({{"path", path}, {"text", text}});
  const auto body = json::serialize(json::object{{"documents", std::move(list)}});
  int status = 0;
  const auto answer = admin("PUT", "/api/kbs/" + std::string(name), body, &status);
  ASSERT_EQ(status, 200) << json::serialize(answer);
}

json::value ProxyUnderTest::row(const Message& response) const {
  const auto id = response.field("x-foreword-request");
  if (!id) {
    ADD_FAILURE() << "no X-Foreword-Request in " << response.head;
    return nullptr;
  }
  // The row is written when the exchange ends, which is just after the client has the last byte.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  for (;;) {
    int status = 0;
    auto found = admin("GET", "/api/requests/" + *id, "", &status);
    if (status == 200 && found.at("outcome").as_string() != "provisional") return found;
    if (std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << "no settled row: " << json::serialize(found);
      return nullptr;
    }
    std::this_thread::yield();
  }
}

json::value ProxyUnderTest::latest_row() const {
  const auto list = admin("GET", "/api/requests?limit=1");
  const auto& rows = list.at("requests").as_array();
  return rows.empty() ? json::value(nullptr) : rows.front();
}

std::string post(std::string_view target, std::string_view body, std::string_view headers) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: proxy.test\r\nContent-Type: application/json\r\n" +
         std::string(headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

std::string pattern(std::size_t bytes) {
  std::string out(bytes, '\0');
  std::uint32_t state = 1;
  for (auto& c : out) {
    state = state * 1'664'525u + 1'013'904'223u;
    c = static_cast<char>('a' + (state >> 24) % 26);
  }
  return out;
}

Message ask(const ProxyUnderTest& proxy, std::string_view request) {
  auto wire = proxy.connect();
  wire.send(request);
  return read_message(wire, true, !request.starts_with("HEAD "));
}

}  // namespace foreword::test
