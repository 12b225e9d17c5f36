// TLS towards clients: the certificate that the settings name, and everything else as without it.
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <openssl/x509.h>

#include "support/fake_upstream.h"
#include "support/identity.h"
#include "support/proxy_under_test.h"
#include "support/signal.h"

namespace foreword::test {
namespace {

const std::string kPrompt = R"({"model":"claude-sonnet-5-5","stream":true,"messages":[]})";

std::string event(int number) {
  return "event: ping\ndata: {\"n\":" + std::to_string(number) + "}\n\n";
}

void answer_ok(const Message&, Wire& wire) {
  wire.send(ok_response("{}"));
}

Message ask_on(Wire& client, std::string_view request) {
  client.send(request);
  return read_message(client, true);
}

long serial_of(const Wire& client) {
  return ASN1_INTEGER_get(X509_get0_serialNumber(SSL_get0_peer_certificate(client.ssl())));
}

class ClientTls : public testing::Test {
 protected:
  using Adjust = std::function<void(proxy::ServerOptions&)>;
  /// A proxy that shows identity_ to its clients.
  ProxyUnderTest proxy_to(const FakeUpstream& upstream, const Adjust& adjust = nullptr) {
    return ProxyUnderTest(upstream.url(), [&](proxy::ServerOptions& options) {
      options.settings.proxy.tls_certificate = identity_.certificate_file;
      options.settings.proxy.tls_key = identity_.key_file;
      if (adjust) adjust(options);
    });
  }
  /// Replaces the files that the proxy was started with.
  void replace_identity(int serial) {
    identity_ = make_identity(folder_.path(), "proxy", {.serial = serial, .issuer = &authority_});
  }

  TempDir folder_;
  Identity authority_ = make_identity(folder_.path(), "authority");
  Identity identity_ = make_identity(folder_.path(), "proxy", {.issuer = &authority_});
  TlsContext client_ = client_context(authority_);
};

TEST_F(ClientTls, ServesHttpsWithTheCertificateOfTheSettings) {
  FakeUpstream upstream(answer_ok);
  const auto proxy = proxy_to(upstream);
  EXPECT_TRUE(proxy.url().starts_with("https://127.0.0.1:"));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SSL_CTX_set_max_proto_version(client_.get(), version);
    auto client = proxy.connect_tls(client_);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(ask_on(client, post("/v1/messages", kPrompt)).body, "{}");
    }
    EXPECT_EQ(SSL_version(client.ssl()), version);
  }
}

TEST_F(ClientTls, SpeaksHttp11AndNothingElse) {
  FakeUpstream upstream(answer_ok);
  const auto proxy = proxy_to(upstream);
  const std::string both("\x02h2\x08http/1.1");
  SSL_CTX_set_alpn_protos(client_.get(), reinterpret_cast<const unsigned char*>(both.data()), 12);
  const auto client = proxy.connect_tls(client_);
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.ssl(), &chosen, &size);
  EXPECT_EQ(std::string(chosen, chosen + size), "http/1.1");
  SSL_CTX_set_alpn_protos(client_.get(), reinterpret_cast<const unsigned char*>(both.data()), 3);
  EXPECT_FALSE(proxy.connect_tls(client_).open());
}

TEST_F(ClientTls, ResumesSessionsOnEveryShard) {
  FakeUpstream upstream(answer_ok);
  const auto proxy = proxy_to(upstream);
  auto first = proxy.connect_tls(client_);
  EXPECT_EQ(ask_on(first, post("/v1/messages", kPrompt)).body, "{}");
  const std::shared_ptr<SSL_SESSION> session(SSL_get1_session(first.ssl()), SSL_SESSION_free);
  for (int i = 0; i < 8; ++i) {  // the system spreads connections over the shards
    auto again = proxy.connect_tls(client_, session.get());
    EXPECT_EQ(SSL_session_reused(again.ssl()), 1);
    EXPECT_EQ(ask_on(again, post("/v1/messages", kPrompt)).body, "{}");
  }
}

TEST_F(ClientTls, TellsAClientOfPlainHttpWhatIsWrong) {
  FakeUpstream upstream(answer_ok);
  const auto proxy = proxy_to(upstream);
  const auto answer = ask(proxy, post("/v1/messages", kPrompt));
  EXPECT_EQ(answer.status(), 400);
  EXPECT_NE(answer.body.find("this port speaks https"), std::string::npos) << answer.body;
  EXPECT_EQ(answer.field("connection"), "close");
}

TEST_F(ClientTls, GivesUpAHandshakeThatStallsAndServesOthersMeanwhile) {
  FakeUpstream upstream(answer_ok);
  const auto proxy = proxy_to(upstream, [](proxy::ServerOptions& options) {
    options.settings.proxy.threads = 1;
    options.settings.proxy.request_timeout = std::chrono::milliseconds(500);
  });
  auto silent = proxy.connect();
  auto stalled = proxy.connect();
  stalled.send("\x16\x03\x01");
  auto client = proxy.connect_tls(client_);
  EXPECT_EQ(ask_on(client, post("/v1/messages", kPrompt)).body, "{}");
  EXPECT_TRUE(stalled.closed_by_peer());
  EXPECT_TRUE(silent.closed_by_peer());
}

TEST_F(ClientTls, SurvivesAHandshakeOfNonsense) {
  FakeUpstream upstream(answer_ok);
  const auto proxy = proxy_to(upstream);
  for (const std::string& nonsense :
       {std::string("\x16\x03\x01\x00\x05hello"), std::string("\0\0\0\0", 4),
        std::string("\x80\x2e\x01"), std::string(70'000, '\x16')}) {
    auto client = proxy.connect();
    client.send(nonsense);
    client.close();
  }
  auto client = proxy.connect_tls(client_);
  EXPECT_EQ(ask_on(client, post("/v1/messages", kPrompt)).body, "{}");
}

// --- as faithful as a plain connection -----------------------------------------------------------

TEST_F(ClientTls, CarriesThirtyTwoMegabytesBothWays) {
  FakeUpstream upstream([](const Message& request, Wire& wire) {
    wire.send(ok_response(request.body, "application/octet-stream"));
  });
  const auto proxy = proxy_to(upstream);
  const auto body = R"({"model":"m","messages":[{"role":"user","content":")" +
                    pattern((32u << 20) - 100) + R"("}]})";
  auto client = proxy.connect_tls(client_);
  EXPECT_TRUE(ask_on(client, post("/v1/messages", body)).body == body);
  EXPECT_TRUE(ask_on(client, post("/v1/files", body)).body == body);
}

TEST_F(ClientTls, CarriesRequestsInPiecesOfAnySize) {
  FakeUpstream upstream([](const Message& request, Wire& wire) {
    wire.send(ok_response(request.body, "application/octet-stream"));
  });
  const auto proxy = proxy_to(upstream);
  const auto body = pattern(200'001);
  const auto request = post("/v1/files", body);
  for (const std::size_t piece :
       {std::size_t{101}, std::size_t{16383}, std::size_t{16385}, std::size_t{65537}}) {
    auto client = proxy.connect_tls(client_);
    for (std::size_t at = 0; at < request.size(); at += piece) {
      client.send(std::string_view(request).substr(at, piece));
    }
    EXPECT_TRUE(read_message(client, true).body == body) << piece;
  }
}

TEST_F(ClientTls, AnswersPipelinedRequestsInTheirOrder) {
  std::atomic<int> count{0};
  FakeUpstream upstream(
      [&](const Message&, Wire& wire) { wire.send(ok_response(std::to_string(++count))); });
  const auto proxy = proxy_to(upstream);
  auto client = proxy.connect_tls(client_);
  const auto one = post("/v1/messages", kPrompt);
  client.send(one + one + one);
  for (const auto* expected : {"1", "2", "3"}) EXPECT_EQ(read_message(client, true).body, expected);
}

TEST_F(ClientTls, PassesEachEventBeforeTheNextOneIsMade) {
  Signal<> seen[3];
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    wire.send(event_stream_head());
    for (int i = 0; i < 3; ++i) {
      wire.send(chunk(event(i)));
      seen[i].wait();
    }
    wire.send(kLastChunk);
  });
  const auto proxy = proxy_to(upstream);
  auto client = proxy.connect_tls(client_);
  client.send(post("/v1/messages", kPrompt));
  client.read_until("\r\n\r\n");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client.read_until("\n\n\r\n"), chunk(event(i)));
    seen[i].set();
  }
  EXPECT_EQ(client.read_until(kLastChunk), kLastChunk);
}

TEST_F(ClientTls, FollowsTheClientsKeyUpdates) {
  FakeUpstream upstream([](const Message& request, Wire& wire) {
    wire.send(ok_response(request.body, "application/octet-stream"));
  });
  const auto proxy = proxy_to(upstream);
  const auto body = pattern(8u << 20);
  auto client = proxy.connect_tls(client_);
  for (int i = 0; i < 3; ++i) {
    SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED);
    client.send(post("/v1/files", body));
    // Another one while the proxy sends its answer.
    SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED);
    SSL_do_handshake(client.ssl());
    EXPECT_TRUE(read_message(client, true).body == body);
  }
}

TEST_F(ClientTls, TellsTheUpstreamWithinASecondThatTheClientLeft) {
  for (void (Wire::*leave)() : {&Wire::close, &Wire::cut, &Wire::reset}) {
    for (const bool first_byte_sent : {false, true}) {
      Signal<> arrived;
      Signal<> noticed;
      FakeUpstream upstream([&](const Message&, Wire& wire) {
        if (first_byte_sent) wire.send(event_stream_head() + chunk(event(1)));
        arrived.set();
        if (wire.closed_by_peer()) noticed.set();
        wire.close();
      });
      const auto proxy = proxy_to(upstream);
      auto client = proxy.connect_tls(client_);
      client.send(post("/v1/messages", kPrompt));
      arrived.wait();
      if (first_byte_sent) client.read_until("\n\n");
      (client.*leave)();
      EXPECT_TRUE(noticed.wait(std::chrono::seconds(1)));
    }
  }
}

TEST_F(ClientTls, SaysGoodbyeAfterAnAnswerThatEndsWithTheConnectionOnlyIfItIsWhole) {
  for (const bool whole : {true, false}) {
    FakeUpstream upstream([&](const Message&, Wire& wire) {
      wire.send(event_stream_head() + chunk("all of it") + std::string(whole ? kLastChunk : ""));
      if (!whole) wire.close();
    });
    const auto proxy = proxy_to(upstream);
    auto client = proxy.connect_tls(client_);
    client.send("GET /v1/models HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(client.read_to_end().ends_with("all of it"));
    EXPECT_EQ(client.ended_properly(), whole);
  }
}

TEST_F(ClientTls, ThatDoesNotReadHoldsTheUpstreamBack) {
  Signal<int> stalled;
  FakeUpstream upstream([&](const Message&, Wire& wire) {
    wire.limit_sends(std::chrono::milliseconds(500));
    const std::string megabyte(1u << 20, 'x');
    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
    int sent = 0;
    while (sent < 90 && wire.send(megabyte)) ++sent;
    stalled.set(sent);
    wire.close();
  });
  const auto proxy = proxy_to(upstream);
  auto client = proxy.connect_tls(client_);
  client.send("GET /v1/files/1/content HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_LT(stalled.wait().value_or(40), 40);  // what the sockets hold, and little more
}

TEST_F(ClientTls, WorksOnBothSidesAtOnce) {
  FakeUpstream upstream(server_context(identity_), [](const Message& request, Wire& wire) {
    wire.send(ok_response(request.body));
  });
  const auto proxy = proxy_to(upstream, [this](proxy::ServerOptions& options) {
    for (auto& each : options.settings.upstreams) each.ca_file = authority_.certificate_file;
  });
  const auto body = pattern(3'000'000);
  auto client = proxy.connect_tls(client_);
  EXPECT_TRUE(ask_on(client, post("/v1/files", body)).body == body);
}

// --- the certificate -----------------------------------------------------------------------------

TEST_F(ClientTls, GivesNewConnectionsTheCertificateThatWasReloaded) {
  FakeUpstream upstream(answer_ok);
  auto proxy = proxy_to(upstream);
  auto before = proxy.connect_tls(client_);
  EXPECT_EQ(serial_of(before), 1);
  replace_identity(2);
  EXPECT_TRUE(proxy.reload_certificate());
  EXPECT_EQ(serial_of(proxy.connect_tls(client_)), 2);
  EXPECT_EQ(ask_on(before, post("/v1/messages", kPrompt)).body, "{}");
}

TEST_F(ClientTls, KeepsTheOldCertificateWhereTheNewPairIsBad) {
  FakeUpstream upstream(answer_ok);
  auto proxy = proxy_to(upstream);
  const auto stranger = make_identity(folder_.path(), "stranger");
  std::filesystem::copy_file(stranger.key_file, identity_.key_file,
                             std::filesystem::copy_options::overwrite_existing);
  const auto reloaded = proxy.reload_certificate();
  ASSERT_FALSE(reloaded);
  EXPECT_EQ(reloaded.error().message, "proxy.tls_key: " + identity_.key_file +
                                          " is not the key of the certificate in " +
                                          identity_.certificate_file);
  auto client = proxy.connect_tls(client_);
  EXPECT_EQ(serial_of(client), 1);
  EXPECT_EQ(ask_on(client, post("/v1/messages", kPrompt)).body, "{}");
}

/// Why a proxy with these files does not start.
std::string start_error(const std::string& certificate, const std::string& key) {
  try {
    const ProxyUnderTest proxy("http://127.0.0.1:1", [&](proxy::ServerOptions& options) {
      options.settings.proxy.tls_certificate = certificate;
      options.settings.proxy.tls_key = key;
    });
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "it starts";
}

TEST_F(ClientTls, SaysWhichFileKeepsItFromStarting) {
  const auto& certificate = identity_.certificate_file;
  const auto& key = identity_.key_file;
  EXPECT_EQ(start_error("/nowhere.pem", key),
            "proxy.tls_certificate: cannot read /nowhere.pem: No such file or directory");
  EXPECT_EQ(start_error(certificate, "/nowhere.pem"),
            "proxy.tls_key: cannot read /nowhere.pem: No such file or directory");
  EXPECT_EQ(start_error(key, key),
            "proxy.tls_certificate: " + key + " holds no certificate chain in PEM form");
  EXPECT_EQ(start_error(certificate, certificate),
            "proxy.tls_key: " + certificate + " holds no private key in PEM form");
  EXPECT_EQ(start_error(certificate, authority_.key_file),
            "proxy.tls_key: " + authority_.key_file + " is not the key of the certificate in " +
                certificate);
}

TEST_F(ClientTls, DoesNotAskForAPassphrase) {
  const auto encrypted = encrypt_key(identity_);
  const auto error = start_error(identity_.certificate_file, encrypted);
  EXPECT_TRUE(error.starts_with("proxy.tls_key: " + encrypted +
                                " is encrypted with a passphrase, which is not supported"))
      << error;
}

}  // namespace
}  // namespace foreword::test
