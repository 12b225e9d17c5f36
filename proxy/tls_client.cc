#include "proxy/tls_client.h"

#include <utility>

#include <fmt/format.h>

#include "config/limits.h"
#include "proxy/tls_context.h"

namespace foreword::proxy {
namespace {

bool is_address(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

int sessions_index() {
  static const int kIndex = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return kIndex;
}

/// OpenSSL's callback: 1 says that the session is ours now.
int on_new_session(SSL* ssl, SSL_SESSION* session) {
  auto* sessions = static_cast<TlsSessions*>(SSL_get_ex_data(ssl, sessions_index()));
  if (sessions == nullptr) return 0;
  sessions->keep(TlsSessions::Session(session));
  return 1;
}

/// What is wrong with the certificate, in words; empty: nothing, or nothing we know of.
std::string_view why_not_trusted(long verify_result) {
  switch (verify_result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "its certificate has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "its certificate is not valid yet: is this machine's clock right?";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return "its certificate is self-signed, and not one that ca_file names";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return "its certificate was issued by an unknown authority, which ca_file can name";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "its certificate is for another host";
    default:
      return "";
  }
}

/// The system's certificates, a megabyte of them: read once for all upstreams. Null: unreadable.
X509_STORE* system_certificates() {
  using Store = std::unique_ptr<X509_STORE, FreedBy<X509_STORE_free>>;
  static const Store store = [] {
    Store made(X509_STORE_new());
    if (made && X509_STORE_set_default_paths(made.get()) != 1) made.reset();
    return made;
  }();
  return store.get();
}

bool trust_system(SSL_CTX* context) {
  auto* store = system_certificates();
  if (store != nullptr) SSL_CTX_set1_cert_store(context, store);
  return store != nullptr;
}

}  // namespace

void TlsSessions::keep(Session session) {
  if (sessions_.size() == config::limits::kMaxTlsSessions) sessions_.erase(sessions_.begin());
  sessions_.push_back(std::move(session));
}

TlsSessions::Session TlsSessions::take() {
  while (!sessions_.empty()) {
    if (SSL_SESSION_is_resumable(sessions_.back().get()) == 0) {
      sessions_.pop_back();
      continue;
    }
    if (SSL_SESSION_get_protocol_version(sessions_.back().get()) < TLS1_3_VERSION) {
      SSL_SESSION_up_ref(sessions_.back().get());
      return Session(sessions_.back().get());
    }
    auto session = std::move(sessions_.back());
    sessions_.pop_back();
    return session;
  }
  return nullptr;
}

TlsClient::TlsClient(SslContext context, std::string host)
    : context_(std::move(context)), host_(std::move(host)) {}

config::Result<std::unique_ptr<TlsClient>> TlsClient::make(
    const config::UpstreamSettings& settings) {
  ERR_clear_error();
  auto context = make_tls_context(TLS_client_method());
  if (!context) return config::Error{"OpenSSL cannot make a client context"};
  const auto& file = settings.ca_file;
  const bool read = file.empty() ? trust_system(context.get())
                                 : SSL_CTX_load_verify_file(context.get(), file.c_str()) == 1;
  if (!read) {
    const char* reason = ERR_reason_error_string(ERR_get_error());
    return config::Error{
        fmt::format("upstream.{}: cannot read the certificates to trust from {}: {}", settings.name,
                    file.empty() ? "the system's store" : file.string(),
                    reason != nullptr ? reason : "it holds none in PEM form")};
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_alpn_protos(context.get(), kAlpnHttp11, sizeof kAlpnHttp11);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context.get(), on_new_session);
  return std::unique_ptr<TlsClient>(new TlsClient(std::move(context), settings.base_url.host));
}

Ssl TlsClient::open(TlsSessions& sessions) const {
  Ssl ssl(SSL_new(context_.get()));
  if (!ssl) return ssl;
  SSL_set_connect_state(ssl.get());
  SSL_set_ex_data(ssl.get(), sessions_index(), &sessions);
  bool named = false;
  if (is_address(host_)) {  // the name indication has no addresses
    named = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host_.c_str()) == 1;
  } else {
    SSL_set_hostflags(ssl.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    named = SSL_set1_host(ssl.get(), host_.c_str()) == 1 &&
            SSL_set_tlsext_host_name(ssl.get(), host_.c_str()) == 1;
  }
  if (!named) return nullptr;  // never a connection to just anybody
  if (const auto session = sessions.take()) SSL_set_session(ssl.get(), session.get());
  return ssl;
}

std::string why_handshake_failed(const SSL* ssl, const error_code& error) {
  const auto verified = SSL_get_verify_result(ssl);
  if (verified != X509_V_OK) {
    const auto known = why_not_trusted(verified);
    if (!known.empty()) return std::string(known);
    return fmt::format("its certificate is not trusted: {}",
                       X509_verify_cert_error_string(verified));
  }
  if (error == asio::error::eof || error == asio::error::connection_reset ||
      error == asio::ssl::error::stream_truncated) {
    return "it closed the connection in the middle of the TLS handshake";
  }
  if (error.category() == asio::error::get_ssl_category()) {
    const auto code = static_cast<unsigned long>(error.value());
    if (ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER) {
      return "it does not speak TLS there: is its base_url http:// rather than https://?";
    }
    const char* reason = ERR_reason_error_string(code);
    return fmt::format("the TLS handshake failed: {}", reason != nullptr ? reason : "unknown");
  }
  return error.message();
}

}  // namespace foreword::proxy
