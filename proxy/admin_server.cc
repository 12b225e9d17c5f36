#include "proxy/admin_server.h"

#include <array>
#include <exception>
#include <memory>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "config/limits.h"
#include "proxy/admin_api.h"
#include "proxy/beast.h"
#include "proxy/log.h"

namespace foreword::proxy {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using AdminStream = beast::basic_stream<tcp, Executor>;
/// Asio's own coroutines: unlike a Task, they may be dropped together with the loop they wait in.
template <class T>
using Awaitable = asio::awaitable<T, Executor>;
using UseAwaitable = asio::use_awaitable_t<Executor>;
constexpr asio::as_tuple_t<UseAwaitable> as_values{};
using HttpRequest = http::request<http::string_body>;
using HttpResponse = http::response<http::string_body>;

std::string_view view(beast::string_view text) {
  return std::string_view(text.data(), text.size());
}

/// Without its body.
AdminRequest to_admin(const HttpRequest& request) {
  AdminRequest out;
  out.method = view(request.method_string());
  out.target = view(request.target());
  out.host = view(request[http::field::host]);
  out.origin = view(request[http::field::origin]);
  out.authorization = view(request[http::field::authorization]);
  out.if_none_match = view(request[http::field::if_none_match]);
  return out;
}

/// The page loads nothing from anywhere else, and nobody else shows it in a frame.
constexpr const char* kContentPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

HttpResponse to_http(AdminResponse answer, const HttpRequest& request) {
  HttpResponse response;
  response.version(request.version());
  response.result(answer.status);
  response.set(http::field::content_type, answer.content_type);
  response.set("Content-Security-Policy", kContentPolicy);
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Referrer-Policy", "no-referrer");
  response.set(http::field::cache_control, answer.entity_tag.empty() ? "no-store" : "no-cache");
  if (!answer.entity_tag.empty()) response.set(http::field::etag, answer.entity_tag);
  response.keep_alive(request.keep_alive());
  response.body() = std::move(answer.body);
  response.prepare_payload();
  if (request.method() == http::verb::head) response.body().clear();
  return response;
}

/// Threads that wait for the store and for providers, so that the listener's own need not.
class Workers {
 public:
  Workers() {
    for (auto& thread : threads_) thread = std::thread([this] { context_.run(); });
  }
  ~Workers() { finish(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  [[nodiscard]] Executor executor() { return context_.get_executor(); }
  /// Returns when all that was posted is done.
  void finish() {
    guard_.reset();
    for (auto& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  asio::io_context context_;
  asio::executor_work_guard<Executor> guard_{context_.get_executor()};
  std::array<std::thread, config::limits::kAdminThreads> threads_;
};

}  // namespace

struct AdminServer::Impl {
  Impl(const Services& services, cache::Store& store, AdminOptions o)
      : options(std::move(o)), api(services, store, options.token) {}

  AdminOptions options;
  AdminApi api;
  asio::io_context context{1};
  Acceptor acceptor{context.get_executor()};
  std::thread thread;

  /// Before the context ends, so that what runs here can still hand over its answer.
  Workers workers;

  Awaitable<void> accept_loop();
  Awaitable<void> session(Socket socket);
  /// On one of the workers. `request` has to outlive it, and loses its body.
  Awaitable<AdminResponse> answer(HttpRequest& request);
  [[nodiscard]] AdminResponse answer_now(HttpRequest& request);
};

AdminResponse AdminServer::Impl::answer_now(HttpRequest& request) {
  try {
    auto question = to_admin(request);
    question.body = std::move(request.body());
    return api.answer(std::move(question));
  } catch (const std::exception& failure) {
    log_error("admin", failure.what());
    return error_response(500, "the question could not be answered: foreword's log says why");
  }
}

Awaitable<AdminResponse> AdminServer::Impl::answer(HttpRequest& request) {
  const auto start = [this, &request](auto handler) {
    asio::post(workers.executor(), [this, &request, handler = std::move(handler)]() mutable {
      auto response = answer_now(request);
      asio::post(context, [handler = std::move(handler), response = std::move(response)]() mutable {
        std::move(handler)(std::move(response));
      });
    });
  };
  UseAwaitable token;
  return asio::async_initiate<UseAwaitable, void(AdminResponse)>(start, token);
}

Awaitable<void> AdminServer::Impl::session(Socket socket) {
  AdminStream stream(std::move(socket));
  beast::flat_buffer buffer;
  for (bool keep = true; keep;) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(config::limits::kMaxAdminBodyBytes);
    stream.expires_after(config::limits::kRequestTimeout);
    // Nobody who may not ask is listened to for long.
    const auto [cut, head] = co_await http::async_read_header(stream, buffer, parser, as_values);
    if (cut) break;
    auto refusal = api.refuse(to_admin(parser.get()));
    const auto length = parser.content_length();
    const bool short_body = length && *length <= config::limits::kRefusedAdminBodyBytes;
    if (!refusal || short_body) {
      const auto [failed, read] = co_await http::async_read(stream, buffer, parser, as_values);
      if (failed) break;
    }
    auto& request = parser.get();
    auto answer_or_refusal = std::move(refusal);
    if (!answer_or_refusal) answer_or_refusal = co_await answer(request);
    auto response = to_http(std::move(*answer_or_refusal), request);
    if (!parser.is_done()) response.keep_alive(false);
    keep = response.keep_alive();
    stream.expires_after(config::limits::kRequestTimeout);
    const auto [unsent, written] = co_await http::async_write(stream, response, as_values);
    if (unsent) break;
  }
  stream.close();
}

Awaitable<void> AdminServer::Impl::accept_loop() {
  const auto report = [](std::exception_ptr error) { log_exception("admin", error); };
  Timer pause(context.get_executor());
  for (;;) {
    Socket socket(context.get_executor());
    const auto [error] = co_await acceptor.async_accept(socket, as_values);
    if (!acceptor.is_open()) co_return;
    if (error) {
      // Out of file descriptors, say: connections that end make room.
      log_warning("admin", error.message());
      pause.expires_after(config::limits::kAcceptPause);
      co_await pause.async_wait(as_values);
      continue;
    }
    auto running = session(std::move(socket));
    asio::co_spawn(context, std::move(running), report);
  }
}

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AdminServer::~AdminServer() {
  stop();
}

config::Result<std::unique_ptr<AdminServer>> AdminServer::start(const Services& services,
                                                                cache::Store& store,
                                                                AdminOptions options) {
  auto impl = std::make_unique<Impl>(services, store, std::move(options));
  auto& acceptor = impl->acceptor;
  const auto& endpoint = impl->options.endpoint;
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return config::Error{fmt::format("admin.listen: cannot listen on {}:{}: {}",
                                     endpoint.address().to_string(), endpoint.port(),
                                     error.message())};
  }
  auto* running = impl.get();
  const auto rethrow = [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  };
  asio::co_spawn(running->context, running->accept_loop(), rethrow);
  running->thread = std::thread([running] { running->context.run(); });
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

tcp::endpoint AdminServer::local_endpoint() const {
  error_code error;
  return impl_->acceptor.local_endpoint(error);
}

void AdminServer::stop() {
  impl_->context.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
  impl_->workers.finish();
}

}  // namespace foreword::proxy
