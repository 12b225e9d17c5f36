#include "tools/admin_connection.h"

#include <cstdlib>
#include <memory>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "cache/captures.h"
#include "cache/retention.h"
#include "cache/store.h"
#include "config/limits.h"
#include "proxy/admin_api.h"
#include "proxy/admin_prices.h"
#include "proxy/beast.h"
#include "tools/commands.h"
#include "tools/distill_key.h"

namespace foreword::tools {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace json = boost::json;
using tcp = asio::ip::tcp;

config::Result<json::value> read_answer(unsigned status, std::string_view body) {
  boost::system::error_code error;
  auto answer = json::parse(json::string_view(body.data(), body.size()), error);
  if (error) return config::Error{fmt::format("the admin API answered {} without JSON", status)};
  if (status < 300) return answer;
  const auto* object = answer.if_object();
  const auto* failure = object != nullptr ? object->if_contains("error") : nullptr;
  const auto* message = failure != nullptr && failure->is_object()
                            ? failure->get_object().if_contains("message")
                            : nullptr;
  if (message == nullptr || !message->is_string()) {
    return config::Error{fmt::format("the admin API answered {}", status)};
  }
  return config::Error{std::string(message->get_string())};
}

/// One request over one connection.
class HttpAdmin {
 public:
  HttpAdmin(config::BaseUrl url, std::string token)
      : url_(std::move(url)), token_(std::move(token)) {}

  config::Result<json::value> operator()(std::string_view method, std::string_view target,
                                         std::string body) const {
    asio::io_context context;
    tcp::socket socket(context);
    boost::system::error_code error;
    const auto found = tcp::resolver(context).resolve(url_.host, std::to_string(url_.port), error);
    if (!error) asio::connect(socket, found, error);
    if (error) {
      return config::Error{
          fmt::format("no proxy answers at {} ({}): start `foreword serve`, or name its "
                      "store with --data DIR",
                      config::to_text(url_), error.message())};
    }
    http::request<http::string_body> request;
    request.version(11);
    request.method_string(http::string_to_verb({method.data(), method.size()}) ==
                                  http::verb::unknown
                              ? boost::beast::string_view("GET")
                              : boost::beast::string_view(method.data(), method.size()));
    request.target(url_.path + std::string(target));
    request.set(http::field::host, fmt::format("{}:{}", url_.host, url_.port));
    if (!token_.empty()) request.set(http::field::authorization, "Bearer " + token_);
    request.keep_alive(false);
    request.body() = std::move(body);
    request.prepare_payload();
    http::write(socket, request, error);
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    if (!error) http::read(socket, buffer, parser, error);
    if (error) {
      return config::Error{fmt::format("the proxy at {} did not answer: {}", config::to_text(url_),
                                       error.message())};
    }
    return read_answer(parser.get().result_int(), parser.get().body());
  }

 private:
  config::BaseUrl url_;
  std::string token_;
};

/// The admin API over a store that no proxy holds.
struct LocalAdmin {
  config::Settings settings;
  proxy::Counters counters;
  std::unique_ptr<cache::Store> store;
  std::unique_ptr<config::LiveModels> models;
  std::unique_ptr<proxy::KnowledgeBases> knowledge;
  std::unique_ptr<cache::LedgerWriter> ledger;
  std::unique_ptr<cache::Captures> captures;
  std::unique_ptr<proxy::Services> services;
  std::unique_ptr<proxy::AdminApi> api;

  config::Result<void> open(const std::string& folder) {
    auto opened = cache::Store::open(folder);
    if (!opened) return opened.error();
    store = std::move(*opened);
    auto prices = proxy::load_prices(*store, config::ModelTable::built_in());
    if (!prices) return prices.error();
    models = std::move(*prices);
    auto bases =
        proxy::KnowledgeBases::open(*store, settings.store.kb_versions_kept, models->now());
    if (!bases) return bases.error();
    knowledge = std::move(*bases);
    // A row that cannot be read is the error of whoever asks for savings, and of nobody else.
    static_cast<void>(cache::build_rollups(*store, [](std::uint64_t) {}));
    ledger = std::make_unique<cache::LedgerWriter>(*store, settings.store.fsync_interval,
                                                   [](std::string_view) {});
    services.reset(new proxy::Services{settings, *models, *knowledge, *ledger, counters,
                                       [] { return std::chrono::system_clock::now(); }});
    captures = std::make_unique<cache::Captures>(*store, distill_key(settings),
                                                 settings.distill.max_bytes);
    services->captures = captures.get();
    api = std::make_unique<proxy::AdminApi>(*services, *store, "");
    return {};
  }

  config::Result<json::value> ask(std::string_view method, std::string_view target,
                                  std::string body) {
    proxy::AdminRequest request;
    request.method = method;
    request.target = target;
    request.host = "localhost";
    request.body = std::move(body);
    const auto answer = api->answer(std::move(request));
    return read_answer(answer.status, answer.body);
  }
};

config::Result<AdminConnection> connect_local(const std::string& folder,
                                              const config::Settings& settings) {
  auto local = std::make_shared<LocalAdmin>();
  local->settings = settings;
  auto opened = local->open(folder);
  if (!opened) return opened.error();
  return AdminConnection(
      [local](std::string_view method, std::string_view target, std::string body) {
        return local->ask(method, target, std::move(body));
      });
}

}  // namespace

config::Result<AdminConnection> connect_admin(const StoreSource& source) {
  const auto loaded = load_settings_or_explain(source.settings);
  if (!loaded) return config::Error{"the settings cannot be used"};
  if (!source.data.empty()) return connect_local(source.data, loaded->settings);
  const auto& admin = loaded->settings.admin;
  const auto text = source.admin.empty() ? "http://" + config::to_text(admin.listen) : source.admin;
  auto url = config::parse_base_url(text);
  if (!url) return url.error();
  if (url->tls) return config::Error{"--admin takes an http:// URL"};
  const char* token = admin.token_env.empty() ? nullptr : std::getenv(admin.token_env.c_str());
  return AdminConnection(HttpAdmin(std::move(*url), token != nullptr ? token : ""));
}

}  // namespace foreword::tools
