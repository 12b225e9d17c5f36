// TLS towards the upstream: verified against the CA that the settings name, and against the host.
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "config/load.h"
#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

namespace asio = boost::asio;

struct Identity {
  std::string certificate_file;
  std::string key_file;
};

/// A self-signed certificate for the address `ip`.
Identity make_identity(const std::filesystem::path& folder, const std::string& ip) {
  char curve[] = "P-256";
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  auto* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  const std::string names = "IP:" + ip;
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str()),
      X509_EXTENSION_free);
  X509_add_ext(certificate.get(), extension.get(), -1);
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  Identity identity{(folder / "cert.pem").string(), (folder / "key.pem").string()};
  const std::unique_ptr<FILE, decltype(&std::fclose)> cert_out(
      std::fopen(identity.certificate_file.c_str(), "w"), std::fclose);
  PEM_write_X509(cert_out.get(), certificate.get());
  const std::unique_ptr<FILE, decltype(&std::fclose)> key_out(
      std::fopen(identity.key_file.c_str(), "w"), std::fclose);
  PEM_write_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return identity;
}

/// Answers every connection's requests with "{}" over TLS until it is destroyed.
class TlsUpstream {
 public:
  explicit TlsUpstream(const Identity& identity) : tls_(asio::ssl::context::tls_server) {
    tls_.use_certificate_chain_file(identity.certificate_file);
    tls_.use_private_key_file(identity.key_file, asio::ssl::context::pem);
    thread_ = std::thread([this] { serve(); });
  }
  ~TlsUpstream() {
    stopping_ = true;
    boost::system::error_code ignored;
    asio::ip::tcp::socket wake(context_);
    wake.connect(acceptor_.local_endpoint(), ignored);
    wake.close(ignored);
    thread_.join();
  }
  [[nodiscard]] std::string url() const {
    return "https://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }

 private:
  void serve() {
    while (!stopping_) {
      boost::system::error_code error;
      asio::ssl::stream<asio::ip::tcp::socket> stream(acceptor_.accept(context_), tls_);
      stream.handshake(asio::ssl::stream_base::server, error);
      std::string request;
      while (!error) {
        asio::read_until(stream, asio::dynamic_buffer(request), "]}", error);
        if (error) break;
        request.clear();
        asio::write(stream, asio::buffer(ok_response("{}")), error);
      }
    }
  }
  asio::io_context context_;
  asio::ssl::context tls_;
  asio::ip::tcp::acceptor acceptor_{context_,
                                    asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

const std::string kPrompt = R"({"model":"claude-sonnet-5-5","messages":[]})";

Message ask_over_tls(const TlsUpstream& upstream, const std::string& ca_file, int times = 1) {
  ProxyUnderTest proxy(upstream.url(), [&](proxy::ServerOptions& options) {
    options.settings.proxy.threads = 1;
    for (auto& each : options.settings.upstreams) each.ca_file = ca_file;
  });
  Message answer;
  for (int i = 0; i < times; ++i) answer = ask(proxy, post("/v1/messages", kPrompt));
  return answer;
}

TEST(Tls, ReachesAnUpstreamWhoseCertificateIsTrusted) {
  const TempDir folder;
  const auto identity = make_identity(folder.path(), "127.0.0.1");
  const TlsUpstream upstream(identity);
  EXPECT_EQ(ask_over_tls(upstream, identity.certificate_file, 3).body, "{}");
}

TEST(Tls, RefusesACertificateThatNobodyVouchesFor) {
  const TempDir folder;
  const auto identity = make_identity(folder.path(), "127.0.0.1");
  const TlsUpstream upstream(identity);
  const auto answer = ask_over_tls(upstream, "");
  EXPECT_EQ(answer.field("x-foreword-error"), "upstream_unreachable");
  EXPECT_NE(answer.body.find("certificate verify failed"), std::string::npos) << answer.body;
}

TEST(Tls, RefusesACertificateOfAnotherHost) {
  const TempDir folder;
  const auto identity = make_identity(folder.path(), "127.0.0.2");
  const TlsUpstream upstream(identity);
  EXPECT_EQ(ask_over_tls(upstream, identity.certificate_file).status(), 502);
}

TEST(Tls, WithoutReadableCertificatesDoesNotStart) {
  EXPECT_THROW(ProxyUnderTest("https://127.0.0.1:1",
                              [](proxy::ServerOptions& options) {
                                options.settings.upstreams[0].ca_file = "/nonexistent.pem";
                              }),
               std::runtime_error);
}

}  // namespace
}  // namespace foreword::test
