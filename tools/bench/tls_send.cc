#include "tools/bench/tls_send.h"

#include <array>
#include <chrono>
#include <ctime>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <linux/sockios.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "proxy/tls_context.h"
#include "proxy/transport.h"

namespace foreword::bench {
namespace {

namespace asio = boost::asio;
using proxy::Socket;
using proxy::Task;
using proxy::use_tuple;

constexpr int kSendsPerRepeat = 8;

/// A server with a certificate that nobody checks.
proxy::SslContext make_server() {
  const std::unique_ptr<EVP_PKEY, proxy::FreedBy<EVP_PKEY_free>> key(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  const std::unique_ptr<X509, proxy::FreedBy<X509_free>> certificate(X509_new());
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  proxy::SslContext context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_use_certificate(context.get(), certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), key.get());
  return context;
}

/// Shakes hands, then reads and drops whatever comes: decrypting it is not what is measured.
void drain(Socket socket, SSL_CTX* context) {
  const proxy::Ssl ssl(SSL_new(context));
  SSL_set_fd(ssl.get(), socket.native_handle());
  if (SSL_accept(ssl.get()) != 1) return;
  std::vector<char> sink(256u << 10);
  while (::recv(socket.native_handle(), sink.data(), sink.size(), 0) > 0) {
  }
}

std::chrono::nanoseconds thread_cpu() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

Task<void> keep_result(Task<proxy::error_code> work, proxy::error_code& result) {
  result = co_await work;
}

/// One connection, and the loop that it runs on.
class Sender {
 public:
  using Send = std::function<Task<proxy::error_code>(asio::const_buffer)>;

  Socket connect(SSL_CTX* server) {
    proxy::Acceptor acceptor(context_.get_executor(),
                             proxy::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    Socket socket(context_.get_executor());
    socket.connect(acceptor.local_endpoint());
    socket.set_option(proxy::tcp::no_delay(true));
    handle_ = socket.native_handle();
    peer_ = std::jthread(drain, acceptor.accept(context_.get_executor()), server);
    return socket;
  }
  asio::io_context& context() { return context_; }

  void run(Task<proxy::error_code> work) {
    proxy::error_code result;
    auto kept = keep_result(std::move(work), result);
    proxy::spawn(context_.get_executor(), std::move(kept), [](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
    context_.restart();
    context_.run();
    if (result) throw std::runtime_error("TLS to loopback failed: " + result.message());
  }

  /// CPU microseconds of one send.
  double measure(const Send& send, asio::const_buffer body) {
    std::chrono::nanoseconds cpu{0};
    for (int i = 0; i < kSendsPerRepeat; ++i) {
      const auto before = thread_cpu();
      run(send(body));
      cpu += thread_cpu() - before;
      wait_until_drained();
    }
    return std::chrono::duration<double, std::micro>(cpu).count() / kSendsPerRepeat;
  }

 private:
  void wait_until_drained() const {
    for (int queued = 1; queued > 0;) {
      if (::ioctl(handle_, SIOCOUTQ, &queued) != 0) throw std::runtime_error("no SIOCOUTQ");
      std::this_thread::yield();
    }
  }
  asio::io_context context_{1};
  int handle_ = -1;
  std::jthread peer_;
};

Task<proxy::error_code> send_by_proxy(proxy::Transport& transport, asio::const_buffer body) {
  proxy::Gather pieces(1, body);
  const auto error = co_await transport.write(std::move(pieces));
  co_return error;
}

using AsioStream = asio::ssl::stream<Socket>;

Task<proxy::error_code> shake_hands(AsioStream& stream) {
  const auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::client, use_tuple);
  co_return error;
}

Task<proxy::error_code> send_by_asio(AsioStream& stream, asio::const_buffer body) {
  const auto [error, bytes] = co_await asio::async_write(stream, body, use_tuple);
  co_return error;
}

}  // namespace

void measure_tls_sends(std::size_t bytes, std::size_t repeats,
                       const std::function<void(const TlsSendCost&)>& done) {
  const std::string body(bytes, 'x');
  const auto buffer = asio::buffer(body);
  const auto server = make_server();

  proxy::BlockPool blocks;
  const auto client = proxy::make_tls_context(TLS_client_method());
  Sender own;
  proxy::Deadlines deadlines(own.context());
  proxy::Transport transport(deadlines, own.connect(server.get()));
  proxy::Ssl ssl(SSL_new(client.get()));
  SSL_set_connect_state(ssl.get());
  own.run(transport.start_tls(std::move(ssl), blocks));
  const Sender::Send by_proxy = [&](asio::const_buffer b) { return send_by_proxy(transport, b); };

  asio::ssl::context asio_client(asio::ssl::context::tls_client);
  Sender other;
  AsioStream stream(other.connect(server.get()), asio_client);
  other.run(shake_hands(stream));
  const Sender::Send by_asio = [&](asio::const_buffer b) { return send_by_asio(stream, b); };

  own.measure(by_proxy, buffer);  // warms both up
  other.measure(by_asio, buffer);
  for (std::size_t i = 0; i < repeats; ++i) {
    TlsSendCost cost;
    cost.foreword_us = own.measure(by_proxy, buffer);
    cost.asio_us = other.measure(by_asio, buffer);
    done(cost);
  }
  transport.close();
  proxy::error_code ignored;
  stream.next_layer().close(ignored);
}

}  // namespace foreword::bench
