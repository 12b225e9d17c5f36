// TLS towards the upstream: verified, resumed, and as faithful as a plain connection.
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config/load.h"
#include "support/fake_upstream.h"
#include "support/identity.h"
#include "support/proxy_under_test.h"
#include "support/signal.h"

namespace foreword::test {
namespace {

const std::string kPrompt = R"({"model":"claude-sonnet-5-5","messages":[]})";
const std::string kStreamedPrompt = R"({"model":"claude-sonnet-5-5","stream":true,"messages":[]})";

class UpstreamTls : public testing::Test {
 protected:
  /// A proxy with one shard that trusts the test's own certificate.
  ProxyUnderTest proxy_to(const std::string& url,
                          const std::function<void(proxy::ServerOptions&)>& adjust = nullptr) {
    return ProxyUnderTest(url, [&](proxy::ServerOptions& options) {
      options.settings.proxy.threads = 1;
      for (auto& each : options.settings.upstreams) each.ca_file = identity_.certificate_file;
      if (adjust) adjust(options);
    });
  }
  ProxyUnderTest proxy_to(const FakeUpstream& upstream) { return proxy_to(upstream.url()); }

  TempDir folder_;
  Identity identity_ = make_identity(folder_.path());
  TlsContext tls_ = server_context(identity_);
};

void answer_ok(const Message&, Wire& wire) {
  wire.send(ok_response("{}"));
}

// --- reaching it ---------------------------------------------------------------------------------

TEST_F(UpstreamTls, ReachesAnUpstreamWhoseCertificateIsTrusted) {
  FakeUpstream upstream(tls_, answer_ok);
  const auto proxy = proxy_to(upstream);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(proxy, post("/v1/messages", kPrompt)).body, "{}");
  EXPECT_EQ(upstream.connections(), 1u);
}

TEST_F(UpstreamTls, NamesTheHostThatItWantsAndOffersHttp11Alone) {
  static constexpr unsigned char kOnly[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  const auto choose = [](SSL*, const unsigned char** out, unsigned char* size,
                         const unsigned char* offered, unsigned offered_size, void*) {
    if (std::string(offered, offered + offered_size) != std::string(kOnly, kOnly + sizeof kOnly)) {
      return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *out = kOnly + 1;
    *size = 8;
    return SSL_TLSEXT_ERR_OK;
  };
  SSL_CTX_set_alpn_select_cb(tls_.get(), choose, nullptr);
  identity_ = make_identity(folder_.path(), "localhost", {.names = "DNS:localhost"});
  SSL_CTX_use_certificate_chain_file(tls_.get(), identity_.certificate_file.c_str());
  SSL_CTX_use_PrivateKey_file(tls_.get(), identity_.key_file.c_str(), SSL_FILETYPE_PEM);
  std::string name;
  FakeUpstream upstream(tls_, [&](const Message&, Wire& wire) {
    const char* sent = SSL_get_servername(wire.ssl(), TLSEXT_NAMETYPE_host_name);
    name = sent == nullptr ? "" : sent;
    wire.send(ok_response("{}"));
  });
  const auto proxy = proxy_to(upstream.url("localhost"));
  EXPECT_EQ(ask(proxy, post("/v1/messages", kPrompt)).body, "{}");
  EXPECT_EQ(name, "localhost");
}

TEST_F(UpstreamTls, WithoutReadableCertificatesDoesNotStart) {
  EXPECT_THROW(ProxyUnderTest("https://127.0.0.1:1",
                              [](proxy::ServerOptions& options) {
                                options.settings.upstreams[0].ca_file = "/nonexistent.pem";
                              }),
               std::runtime_error);
}

// --- failing to reach it -------------------------------------------------------------------------

/// The answer to a prompt that cannot get through to `url`.
void expect_unreachable(const ProxyUnderTest& proxy, const FakeUpstream& upstream,
                        const std::string& host, const std::string& reason) {
  const auto answer = ask(proxy, post("/v1/messages", kPrompt));
  EXPECT_EQ(answer.status(), 502);
  EXPECT_EQ(answer.field("x-foreword-error"), "upstream_unreachable");
  const auto expected = "cannot reach upstream anthropic at " + host + ":" +
                        std::to_string(upstream.port()) + ": " + reason;
  EXPECT_NE(answer.body.find(expected), std::string::npos) << answer.body;
  EXPECT_TRUE(upstream.requests().empty());
}

TEST_F(UpstreamTls, SaysThatACertificateHasExpired) {
  identity_ = make_identity(folder_.path(), "old", {.begins = -7200, .ends = -3600});
  const FakeUpstream upstream(server_context(identity_), answer_ok);
  expect_unreachable(proxy_to(upstream), upstream, "127.0.0.1", "its certificate has expired");
}

TEST_F(UpstreamTls, SaysThatACertificateIsNotValidYet) {
  identity_ = make_identity(folder_.path(), "new", {.begins = 3600, .ends = 7200});
  const FakeUpstream upstream(server_context(identity_), answer_ok);
  expect_unreachable(proxy_to(upstream), upstream, "127.0.0.1", "its certificate is not valid yet");
}

TEST_F(UpstreamTls, SaysThatACertificateIsSelfSigned) {
  const auto other = make_identity(folder_.path(), "other");
  const FakeUpstream upstream(server_context(other), answer_ok);
  expect_unreachable(proxy_to(upstream), upstream, "127.0.0.1", "its certificate is self-signed");
}

TEST_F(UpstreamTls, SaysThatNobodyKnowsTheAuthority) {
  const auto authority = make_identity(folder_.path(), "authority");
  const auto issued = make_identity(folder_.path(), "issued", {.issuer = &authority});
  const FakeUpstream upstream(server_context(issued), answer_ok);
  expect_unreachable(proxy_to(upstream), upstream, "127.0.0.1",
                     "its certificate was issued by an unknown authority");
}

TEST_F(UpstreamTls, SaysThatACertificateIsForAnotherHost) {
  for (const auto* host : {"127.0.0.1", "localhost"}) {
    identity_ =
        make_identity(folder_.path(), "elsewhere", {.names = "IP:127.0.0.2,DNS:other.test"});
    const FakeUpstream upstream(server_context(identity_), answer_ok);
    expect_unreachable(proxy_to(upstream.url(host)), upstream, host,
                       "its certificate is for another host");
  }
}

TEST_F(UpstreamTls, SaysThatThePortDoesNotSpeakTls) {
  const auto refuse_hello = [](Wire& wire) {
    wire.receive();
    wire.send("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    return false;
  };
  const FakeUpstream upstream(refuse_hello, "https", answer_ok);
  expect_unreachable(proxy_to(upstream), upstream, "127.0.0.1", "it does not speak TLS there");
}

TEST_F(UpstreamTls, SaysThatTheHandshakeWasCutOff) {
  const auto close = [](Wire& wire) {
    wire.receive();
    return false;
  };
  const FakeUpstream upstream(close, "https", answer_ok);
  expect_unreachable(proxy_to(upstream), upstream, "127.0.0.1",
                     "it closed the connection in the middle of the TLS handshake");
}

TEST_F(UpstreamTls, SaysThatTheHandshakeTookTooLong) {
  const auto wait = [](Wire& wire) { return !wire.closed_by_peer(); };
  const FakeUpstream upstream(wait, "https", answer_ok);
  const auto proxy = proxy_to(upstream.url(), [](proxy::ServerOptions& options) {
    options.settings.proxy.connect_timeout = std::chrono::milliseconds(200);
  });
  expect_unreachable(proxy, upstream, "127.0.0.1",
                     "it did not finish the TLS handshake within connect_timeout_ms");
}

// --- resuming ------------------------------------------------------------------------------------

TEST_F(UpstreamTls, ResumesTheSessionOfTheConnectionBefore) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SSL_CTX_set_max_proto_version(tls_.get(), version);
    std::vector<bool> resumed;
    FakeUpstream upstream(tls_, [&](const Message&, Wire& wire) {
      resumed.push_back(SSL_session_reused(wire.ssl()) == 1);
      wire.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
      wire.close();
    });
    const auto proxy = proxy_to(upstream);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(ask(proxy, post("/v1/messages", kPrompt)).body, "{}");
    EXPECT_EQ(resumed, (std::vector<bool>{false, true, true, true}));
  }
}

TEST_F(UpstreamTls, TakesTicketsThatComeWhileTheConnectionIsIdle) {
  SSL_CTX_set_num_tickets(tls_.get(), 0);
  std::vector<bool> resumed;
  Signal<> sent;
  FakeUpstream upstream(tls_, [&](const Message&, Wire& wire) {
    resumed.push_back(SSL_session_reused(wire.ssl()) == 1);
    wire.send(ok_response("{}"));
    if (resumed.size() == 1) {
      SSL_new_session_ticket(wire.ssl());
      SSL_do_handshake(wire.ssl());
      sent.set();
    } else {
      wire.close();
    }
  });
  const auto proxy = proxy_to(upstream);
  EXPECT_EQ(ask(proxy, post("/v1/messages", kPrompt)).body, "{}");
  sent.wait();
  EXPECT_EQ(ask(proxy, post("/v1/messages", kPrompt)).body, "{}");
  EXPECT_EQ(upstream.connections(), 1u);
  EXPECT_EQ(ask(proxy, post("/v1/messages", kPrompt)).body, "{}");
  EXPECT_EQ(resumed, (std::vector<bool>{false, false, true}));
}

// --- as faithful as a plain connection -----------------------------------------------------------

TEST_F(UpstreamTls, CarriesEverySizeToTheByte) {
  FakeUpstream upstream(tls_, [](const Message& request, Wire& wire) {
    wire.send(ok_response(request.body, "application/octet-stream"));
  });
  const auto proxy = proxy_to(upstream);
  const std::size_t record = 16384;
  const std::size_t batch = 256 * 1024;
  for (const std::size_t bytes :
       {std::size_t{1}, record - 1, record, record + 1, 4 * record - 1, 4 * record + 1, batch - 513,
        batch - 1, batch + 1, 3 * batch + 7, std::size_t{1'000'003}}) {
    const auto body = pattern(bytes);
    EXPECT_TRUE(ask(proxy, post("/v1/files", body)).body == body) << bytes;
  }
}

TEST_F(UpstreamTls, CarriesThirtyTwoMegabytesBothWays) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SSL_CTX_set_max_proto_version(tls_.get(), version);
    FakeUpstream upstream(tls_, [](const Message& request, Wire& wire) {
      wire.send(ok_response(request.body, "application/octet-stream"));
    });
    const auto proxy = proxy_to(upstream);
    const auto body = R"({"model":"m","messages":[{"role":"user","content":")" +
                      pattern((32u << 20) - 100) + R"("}]})";
    const auto answer = ask(proxy, post("/v1/messages", body));
    EXPECT_TRUE(answer.body == body);
    EXPECT_TRUE(upstream.last_request().body == body);
  }
}

TEST_F(UpstreamTls, FollowsThePeersKeyUpdates) {
  FakeUpstream upstream(tls_, [](const Message&, Wire& wire) {
    wire.send(event_stream_head());
    for (int i = 0; i < 3; ++i) {
      SSL_key_update(wire.ssl(), SSL_KEY_UPDATE_REQUESTED);
      SSL_do_handshake(wire.ssl());
      wire.send(chunk(std::to_string(i)));
    }
    wire.send(kLastChunk);
  });
  const auto proxy = proxy_to(upstream);
  for (int i = 0; i < 3; ++i) {
    const auto answer = ask(proxy, post("/v1/messages", kStreamedPrompt));
    EXPECT_EQ(answer.body, "012");
    EXPECT_TRUE(answer.complete);
  }
  EXPECT_EQ(upstream.connections(), 1u);
}

TEST_F(UpstreamTls, PassesEachEventBeforeTheNextOneIsMade) {
  Signal<> seen[3];
  FakeUpstream upstream(tls_, [&](const Message&, Wire& wire) {
    wire.send(event_stream_head());
    for (int i = 0; i < 3; ++i) {
      wire.send(chunk("data: " + std::to_string(i) + "\n\n"));
      seen[i].wait();
    }
    wire.send(kLastChunk);
  });
  const auto proxy = proxy_to(upstream);
  auto client = proxy.connect();
  client.send(post("/v1/messages", kStreamedPrompt));
  client.read_until("\r\n\r\n");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client.read_until("\n\n\r\n"), chunk("data: " + std::to_string(i) + "\n\n"));
    seen[i].set();
  }
  EXPECT_EQ(client.read_until(kLastChunk), kLastChunk);
}

TEST_F(UpstreamTls, AnAnswerThatEndsWithoutAGoodbyeIsCut) {
  bool properly = true;
  FakeUpstream upstream(tls_, [&](const Message&, Wire& wire) {
    wire.send("HTTP/1.1 200 OK\r\n\r\nall of it");
    properly ? wire.close() : wire.cut();
  });
  const auto proxy = proxy_to(upstream);
  EXPECT_TRUE(ask(proxy, post("/v1/messages", kPrompt)).complete);
  properly = false;
  const auto answer = ask(proxy, post("/v1/messages", kPrompt));
  EXPECT_EQ(answer.body, "all of it");
  EXPECT_FALSE(answer.complete);
  EXPECT_EQ(proxy.row(answer).at("outcome").as_string(), "upstream_cut");
}

TEST_F(UpstreamTls, HearsTheAnswerOfAnUpstreamThatStopsReading) {
  const auto too_large = [this](Wire& wire) {
    if (!wire.accept_tls(tls_)) return false;
    wire.read_until("\r\n\r\n");
    wire.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\n{}");
    wire.closed_by_peer();  // reads on, so that no reset overtakes the answer
    return false;
  };
  const FakeUpstream upstream(too_large, "https", answer_ok);
  const auto proxy = proxy_to(upstream);
  EXPECT_EQ(ask(proxy, post("/v1/messages", kPrompt + std::string(1u << 20, ' '))).status(), 413);
}

TEST_F(UpstreamTls, SendsNothingAgainThatTheUpstreamMayHaveActedUpon) {
  std::atomic<int> count{0};
  FakeUpstream upstream(tls_, [&](const Message&, Wire& wire) {
    if (++count == 2) return wire.cut();  // dies with the second request of its connection
    wire.send(ok_response("{}"));
  });
  const auto proxy = proxy_to(upstream);
  EXPECT_EQ(ask(proxy, post("/v1/messages", kPrompt)).status(), 200);
  EXPECT_EQ(ask(proxy, post("/v1/messages", kPrompt)).status(), 502);
  EXPECT_EQ(upstream.requests().size(), 2u);
}

TEST_F(UpstreamTls, HearsWithinASecondThatTheClientLeft) {
  Signal<bool> noticed;
  FakeUpstream upstream(tls_, [&](const Message&, Wire& wire) {
    wire.send(event_stream_head() + chunk("data: 1\n\n"));
    noticed.set(wire.closed_by_peer());
    wire.cut();
  });
  const auto proxy = proxy_to(upstream);
  auto client = proxy.connect();
  client.send(post("/v1/messages", kStreamedPrompt));
  client.read_until("\n\n");
  client.close();
  EXPECT_EQ(noticed.wait(std::chrono::seconds(1)), true);
}

TEST_F(UpstreamTls, ThatDoesNotReadHoldsTheClientBack) {
  Signal<> over;
  const auto stall = [&](Wire& wire) {
    if (wire.accept_tls(tls_)) over.wait();
    return false;
  };
  const FakeUpstream upstream(stall, "https", answer_ok);
  const auto proxy = proxy_to(upstream);
  auto client = proxy.connect();
  client.limit_sends(std::chrono::milliseconds(500));
  const std::string megabyte(1u << 20, 'x');
  client.send("POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n");
  int sent = 0;
  while (sent < 90 && client.send(megabyte)) ++sent;
  EXPECT_LT(sent, 40);  // what the sockets of the system hold, and little more
  client.reset();
  over.set();
}

}  // namespace
}  // namespace foreword::test
