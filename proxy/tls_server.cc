#include "proxy/tls_server.h"

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "proxy/tls_context.h"

namespace foreword::proxy {
namespace {

using config::Error;
using config::Result;
using std::filesystem::path;
using File = std::unique_ptr<std::FILE, FreedBy<std::fclose>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;

constexpr std::string_view kCertificate = "proxy.tls_certificate";
constexpr std::string_view kKey = "proxy.tls_key";

Result<File> open_file(std::string_view setting, const path& file) {
  File opened(std::fopen(file.c_str(), "re"));
  if (opened) return opened;
  return Error{fmt::format("{}: cannot read {}: {}", setting, file.string(),
                           std::generic_category().message(errno))};
}

/// Nobody is there to be asked: notes that a passphrase is wanted, and gives none.
int no_passphrase(char*, int, int, void* wanted) {
  *static_cast<bool*>(wanted) = true;
  return -1;
}

Result<PrivateKey> read_key(const path& file) {
  auto opened = open_file(kKey, file);
  if (!opened) return opened.error();
  bool passphrase_wanted = false;
  PrivateKey key(PEM_read_PrivateKey(opened->get(), nullptr, no_passphrase, &passphrase_wanted));
  if (key) return key;
  if (passphrase_wanted) {
    return Error{fmt::format(
        "{}: {} is encrypted with a passphrase, which is not supported: store the key without "
        "one, in a file that only this program may read",
        kKey, file.string())};
  }
  return Error{fmt::format("{}: {} holds no private key in PEM form", kKey, file.string())};
}

/// ALPN: HTTP/1.1 or nothing.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  unsigned char* choice = nullptr;
  const auto result =
      SSL_select_next_proto(&choice, size, kAlpnHttp11, sizeof kAlpnHttp11, offered, offered_size);
  if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = choice;
  return SSL_TLSEXT_ERR_OK;
}

Result<std::shared_ptr<SSL_CTX>> load(const path& certificate, const path& key_file) {
  ERR_clear_error();
  auto context = make_tls_context(TLS_server_method());
  if (!context) return Error{"OpenSSL cannot make a server context"};
  const auto readable = open_file(kCertificate, certificate);
  if (!readable) return readable.error();
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
    return Error{fmt::format("{}: {} holds no certificate chain in PEM form", kCertificate,
                             certificate.string())};
  }
  const auto key = read_key(key_file);
  if (!key) return key.error();
  if (X509_check_private_key(SSL_CTX_get0_certificate(context.get()), key->get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key->get()) != 1) {
    return Error{fmt::format("{}: {} is not the key of the certificate in {}", kKey,
                             key_file.string(), certificate.string())};
  }
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  // Clients resume by tickets, which are kept on their side.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return std::shared_ptr<SSL_CTX>(std::move(context));
}

}  // namespace

TlsServer::TlsServer(path certificate, path key)
    : certificate_(std::move(certificate)), key_(std::move(key)) {}

Result<std::unique_ptr<TlsServer>> TlsServer::make(path certificate, path key) {
  std::unique_ptr<TlsServer> made(new TlsServer(std::move(certificate), std::move(key)));
  auto loaded = made->reload();
  if (!loaded) return loaded.error();
  return made;
}

Result<void> TlsServer::reload() {
  auto loaded = load(certificate_, key_);
  if (!loaded) return loaded.error();
  context_.store(std::move(*loaded));
  return {};
}

Ssl TlsServer::open() const {
  const auto context = context_.load();
  Ssl ssl(SSL_new(context.get()));
  if (ssl) SSL_set_accept_state(ssl.get());
  return ssl;
}

}  // namespace foreword::proxy
