// The simulator over a real socket: framing, keep-alive, faults as a client sees them, aborts.
#include "simulator/server.h"

#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <gtest/gtest.h>

#include "simulator/json.h"

namespace foreword::simulator {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr std::string_view kQuestion = R"({"model":"claude-opus-5","max_tokens":60,
"messages":[{"role":"user","content":"Hello?"}]})";
constexpr std::string_view kStream = R"({"model":"claude-opus-5","max_tokens":60,"stream":true,
"messages":[{"role":"user","content":"Hello?"}]})";

/// A connection that speaks HTTP by hand, so that a test sees what is on the wire.
class Connection {
 public:
  explicit Connection(std::uint16_t port) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
  }
  void send(std::string_view bytes) { asio::write(socket_, asio::buffer(bytes)); }
  void post(std::string_view body, std::string_view headers = "",
            std::string_view version = "1.1") {
    std::string request =
        "POST /v1/messages HTTP/" + std::string(version) +
        "\r\nHost: simulator\r\nx-api-key: key\r\nanthropic-version: 2023-06-01\r\n";
    request += headers;
    request += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    request += body;
    send(request);
  }
  /// One response, its body decoded; nothing if it was cut off.
  std::optional<http::response<http::string_body>> read() {
    http::response_parser<http::string_body> parser;
    boost::system::error_code error;
    http::read(socket_, buffer_, parser, error);
    if (error) return std::nullopt;
    return parser.release();
  }
  std::string read_until(std::string_view mark) {
    const auto size = asio::read_until(socket_, raw_, mark);
    std::string bytes(static_cast<const char*>(raw_.data().data()), size);
    raw_.consume(size);
    return bytes;
  }
  /// All bytes until the server closes.
  std::string read_to_end() {
    boost::system::error_code error;
    asio::read(socket_, raw_, error);
    return std::string(static_cast<const char*>(raw_.data().data()), raw_.size());
  }
  [[nodiscard]] bool is_silent() const { return socket_.available() == 0; }
  void close() { socket_.close(); }

 private:
  asio::io_context io_;
  tcp::socket socket_{io_};
  beast::flat_buffer buffer_;
  asio::streambuf raw_;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() : server_(options()) {
    const auto started = server_.start();
    EXPECT_TRUE(started) << started.error().message;
  }
  static Options options() {
    Options options;
    options.virtual_time = true;
    return options;
  }
  Connection connect() { return Connection(server_.port()); }
  json::value log() {
    auto connection = connect();
    connection.send("GET /simulator/requests HTTP/1.1\r\nHost: simulator\r\n\r\n");
    return json::parse(connection.read().value().body());
  }
  /// Asks the log until the only request has come and ended; a test's time limit bounds it.
  std::string ending() {
    for (;;) {
      const auto requests = log().at("requests").as_array();
      const std::string ending(requests.empty() ? "running"
                                                : requests.at(0).at("ending").as_string().c_str());
      if (ending != "running") return ending;
      std::this_thread::yield();
    }
  }

  Server server_;
};

TEST_F(ServerTest, AnswersSeveralRequestsOnOneConnection) {
  auto connection = connect();
  for (int i = 0; i < 3; ++i) {
    connection.post(kQuestion);
    const auto response = connection.read();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->result_int(), 200u);
    EXPECT_EQ(response->at("content-type"), "application/json");
  }
}

TEST_F(ServerTest, StreamsInChunksAndKeepsTheConnection) {
  auto connection = connect();
  connection.post(kStream);
  const auto response = connection.read();
  ASSERT_TRUE(response);
  EXPECT_TRUE(response->chunked());
  EXPECT_NE(response->body().find("event: message_stop"), std::string::npos);
  connection.post(kQuestion);
  EXPECT_TRUE(connection.read());
}

TEST_F(ServerTest, AnHttp10ClientGetsAStreamThatEndsWithTheConnection) {
  auto connection = connect();
  connection.post(kStream, "", "1.0");
  const std::string all = connection.read_to_end();
  EXPECT_EQ(all.find("ransfer-encoding: chunked"), std::string::npos);
  EXPECT_NE(all.find("event: message_stop"), std::string::npos);
}

TEST_F(ServerTest, TakesAChunkedBody) {
  auto connection = connect();
  connection.send(
      "POST /v1/messages HTTP/1.1\r\nHost: simulator\r\nx-api-key: key\r\n"
      "anthropic-version: 2023-06-01\r\nTransfer-Encoding: chunked\r\n\r\n");
  connection.send("10\r\n" + std::string(kQuestion.substr(0, 16)) + "\r\n");
  std::ostringstream rest;
  rest << std::hex << kQuestion.size() - 16 << "\r\n" << kQuestion.substr(16) << "\r\n0\r\n\r\n";
  connection.send(rest.str());
  EXPECT_EQ(connection.read().value().result_int(), 200u);
}

TEST_F(ServerTest, SaysContinueToAClientThatWaitsForIt) {
  auto connection = connect();
  connection.send(
      "POST /v1/messages HTTP/1.1\r\nHost: simulator\r\nx-api-key: key\r\n"
      "anthropic-version: 2023-06-01\r\nExpect: 100-continue\r\nContent-Length: " +
      std::to_string(kQuestion.size()) + "\r\n\r\n");
  EXPECT_EQ(connection.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  connection.send(kQuestion);
  EXPECT_NE(connection.read_until("\r\n").find("200 OK"), std::string::npos);
}

TEST_F(ServerTest, ABodyAbove64MegabytesIsTooLarge) {
  auto connection = connect();
  connection.send(
      "POST /v1/messages HTTP/1.1\r\nHost: simulator\r\nContent-Length: 100000000\r\n\r\n");
  const auto response = connection.read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->result_int(), 413u);
  EXPECT_FALSE(response->keep_alive());
}

TEST_F(ServerTest, ACutStreamHasNoEnd) {
  auto connection = connect();
  connection.post(kStream, "x-simulate: cut-after-events=3\r\n");
  const std::string all = connection.read_to_end();
  EXPECT_NE(all.find("event: ping"), std::string::npos);
  EXPECT_EQ(all.find("text_delta"), std::string::npos);
  EXPECT_FALSE(all.ends_with("0\r\n\r\n"));
  EXPECT_EQ(ending(), "cut");
}

TEST_F(ServerTest, ACutDocumentIsShorterThanItsContentLength) {
  auto connection = connect();
  connection.post(kQuestion, "x-simulate: cut-after-bytes=100\r\n");
  const std::string all = connection.read_to_end();
  EXPECT_EQ(all.size() - all.find("\r\n\r\n") - 4, 100u);
  EXPECT_EQ(ending(), "cut");
}

TEST_F(ServerTest, AStreamIsCutBehindABytesCount) {
  auto connection = connect();
  connection.post(kStream, "x-simulate: cut-after-bytes=10\r\n");
  const std::string all = connection.read_to_end();
  EXPECT_TRUE(all.ends_with("\r\n\r\na\r\nevent: mes\r\n")) << all;
}

TEST_F(ServerTest, AnAbortInAStalledStreamIsNoticed) {
  auto connection = connect();
  connection.post(kStream, "x-simulate: stall\r\n");
  connection.read_until("message_start");
  connection.close();
  EXPECT_EQ(ending(), "aborted");
  const auto entry = log().at("requests").at(0);
  EXPECT_GT(entry.at("usage").at("input").to_number<int>(), 0) << "reported before the abort";
}

TEST_F(ServerTest, AnAbortBeforeTheFirstByteIsNoticed) {
  auto connection = connect();
  connection.post(kQuestion, "x-simulate: first-byte-delay-ms=600000\r\n");
  connection.close();
  EXPECT_EQ(ending(), "aborted");
  EXPECT_EQ(log().at("requests").at(0).at("usage").at("input").to_number<int>(), 0);
}

TEST_F(ServerTest, CompressesOnlyForThoseWhoAccept) {
  auto connection = connect();
  connection.post(kQuestion, "x-simulate: gzip\r\n");
  EXPECT_EQ(connection.read().value().count("content-encoding"), 0u);
  connection.post(kQuestion, "x-simulate: gzip\r\nAccept-Encoding: gzip, deflate\r\n");
  const auto response = connection.read().value();
  EXPECT_EQ(response.at("content-encoding"), "gzip");
  EXPECT_EQ(response.body().substr(0, 2), "\x1f\x8b");
}

TEST_F(ServerTest, ServesManyConnectionsAtOnce) {
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < 200; ++i) {
    connections.push_back(std::make_unique<Connection>(server_.port()));
    connections.back()->post(kStream);
  }
  for (auto& connection : connections) EXPECT_TRUE(connection->read());
}

TEST_F(ServerTest, AdvancingTheClockExpiresCaches) {
  server_.advance(std::chrono::seconds(60));
  auto connection = connect();
  connection.post(kQuestion);
  EXPECT_EQ(connection.read().value().at("anthropic-ratelimit-requests-reset"),
            "2026-11-23T12:02:00Z");
}

TEST(ServerWithFirstByteTimes, HoldsAnAnswerBackUntilTheClockIsThere) {
  Options options;
  options.virtual_time = true;
  options.first_byte_times = true;
  Server server(options);
  ASSERT_TRUE(server.start());
  Connection asking(server.port());
  asking.post(kQuestion);
  Connection watching(server.port());
  json::value clock;
  do {
    watching.send("GET /simulator/clock HTTP/1.1\r\nHost: simulator\r\n\r\n");
    clock = json::parse(watching.read().value().body());
  } while (clock.at("held") == 0);
  EXPECT_GE(clock.at("next_first_byte_us").to_number<int>(), 400'000);
  EXPECT_TRUE(asking.is_silent());
  server.advance(std::chrono::seconds(1));
  EXPECT_EQ(asking.read().value().result_int(), 200u);
}

TEST_F(ServerTest, ATakenPortIsAnErrorThatNamesIt) {
  Options taken = options();
  taken.port = server_.port();
  Server second(taken);
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find(std::to_string(server_.port())), std::string::npos);
}

TEST_F(ServerTest, StopsWithOpenConnections) {
  auto connection = connect();
  connection.post(kStream, "x-simulate: stall\r\n");
  connection.read_until("message_start");
  server_.stop();
  server_.stop();
}

}  // namespace
}  // namespace foreword::simulator
