#include "proxy/framing.h"

#include <gtest/gtest.h>

namespace foreword::proxy {
namespace {

RequestHead request(Fields fields, HttpVersion version = 11) {
  RequestHead head;
  head.method = "POST";
  head.target = "/";
  head.version = version;
  head.fields = std::move(fields);
  return head;
}

UpstreamHead to(std::string_view host) {
  UpstreamHead head;
  head.method = "POST";
  head.target = "/v1/messages";
  head.base_path = "/base";
  head.host = host;
  return head;
}

TEST(Framing, AnOrdinaryRequestIsFine) {
  EXPECT_EQ(refuse_request(request({{"Host", "x"}, {"Content-Length", "1"}})), std::nullopt);
  EXPECT_EQ(refuse_request(request({{"host", "x"}, {"transfer-encoding", "Chunked"}})),
            std::nullopt);
  EXPECT_EQ(refuse_request(request({}, 10)), std::nullopt);
}

TEST(Framing, WhatHasTwoReadingsIsRefused) {
  const Field host{"Host", "x"};
  auto folded = request({host});
  folded.folded = true;
  EXPECT_TRUE(refuse_request(folded));
  EXPECT_TRUE(refuse_request(request({})));
  EXPECT_TRUE(refuse_request(request({host, host})));
  EXPECT_TRUE(refuse_request(request({host, {"Content-Length", "1"}, {"content-length", "1"}})));
  EXPECT_TRUE(
      refuse_request(request({host, {"Transfer-Encoding", "chunked"}, {"Content-Length", "1"}})));
  EXPECT_TRUE(refuse_request(request({host, {"Transfer-Encoding", "gzip, chunked"}})));
  EXPECT_TRUE(refuse_request(
      request({host, {"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}})));
  EXPECT_TRUE(refuse_request(request({host, {"Transfer-Encoding", "chunked"}}, 10)));
}

TEST(Framing, WhatIsMeantForAnotherProxyIsRefused) {
  for (const std::string_view method : {"CONNECT", "TRACE"}) {
    auto head = request({{"Host", "x"}});
    head.method = method;
    EXPECT_TRUE(refuse_request(head));
  }
}

TEST(Framing, LengthsAreDigitsAndConnectionNamesFew) {
  const Field host{"Host", "x"};
  for (const std::string_view length : {"2, 2", "+2", "-1", "0x2", ""}) {
    EXPECT_TRUE(refuse_request(request({host, {"Content-Length", length}}))) << length;
  }
  std::string names = "a";
  for (int i = 0; i < 40; ++i) names += ",a";
  EXPECT_TRUE(refuse_request(request({host, {"Connection", names}})));
}

TEST(Framing, AnswersKeepTheirLengthWhateverConnectionNames) {
  ResponseHead response;
  response.status = 200;
  response.reason = "OK";
  response.fields = {{"Connection", "content-length, x"}, {"Content-Length", "3"}, {"X", "1"}};
  ClientHead head;
  head.framing = BodyFraming::length;
  const auto text = make_client_head(head, response);
  EXPECT_NE(text.find("Content-Length: 3\r\n"), std::string::npos);
  EXPECT_EQ(text.find("X: 1"), std::string::npos);
}

TEST(Framing, AnswersThatNeverHaveABodyHaveNoLengthEither) {
  ResponseHead response;
  response.status = 103;
  response.reason = "Early Hints";
  response.fields = {{"Link", "</a>"}, {"Content-Length", "3"}};
  EXPECT_EQ(make_interim_head(response), "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
  for (const unsigned status : {101u, 204u}) {
    response.status = status;
    EXPECT_EQ(make_client_head(ClientHead(), response).find("Content-Length"), std::string::npos);
  }
}

TEST(Framing, TheUpstreamsHeadReplacesHostAndLengthInPlace) {
  auto head = to("api.test");
  head.content_length = 42;
  EXPECT_EQ(make_upstream_head(
                head, {{"A", "1"}, {"Host", "proxy"}, {"content-length", "7"}, {"B", "2"}}),
            "POST /base/v1/messages HTTP/1.1\r\nA: 1\r\nHost: api.test\r\ncontent-length: 42\r\nB: "
            "2\r\n\r\n");
}

TEST(Framing, ALengthThatConnectionNamesIsStillSent) {
  auto head = to("api.test");
  head.content_length = 7;
  EXPECT_EQ(make_upstream_head(
                head, {{"Host", "p"}, {"Connection", "content-length"}, {"Content-Length", "7"}}),
            "POST /base/v1/messages HTTP/1.1\r\nHost: api.test\r\nContent-Length: 7\r\n\r\n");
}

TEST(Framing, CodingsThatTheMeterCannotReadAreNotOffered) {
  auto head = to("h");
  head.narrow_accept_encoding = true;
  const auto offered = [&](std::string_view value) {
    const auto text = make_upstream_head(head, {{"Accept-Encoding", value}});
    const auto at = text.find("Accept-Encoding: ") + 17;
    return text.substr(at, text.find("\r\n", at) - at);
  };
  EXPECT_EQ(offered("br, gzip;q=0.8, deflate, zstd"), "gzip;q=0.8, deflate");
  EXPECT_EQ(offered("br"), "identity");
  head.identity_encoding = true;
  EXPECT_EQ(offered("gzip"), "identity");
}

TEST(Framing, AnEditedAnswerDoesNotKeepItsLength) {
  ResponseHead response;
  response.status = 200;
  response.reason = "OK";
  response.fields = {{"Content-Length", "9"}, {"X", "1"}};
  ClientHead head;
  head.request_id = "id";
  head.framing = BodyFraming::chunked;
  head.keep_alive_seconds = 75;
  EXPECT_EQ(make_client_head(head, response),
            "HTTP/1.1 200 OK\r\nX: 1\r\nX-Foreword-Request: id\r\nTransfer-Encoding: chunked\r\n"
            "Keep-Alive: timeout=75\r\n\r\n");
}

TEST(Framing, KeepAliveIsTheDefaultOnlyOfHttp11) {
  EXPECT_TRUE(wants_keep_alive(11, {}));
  EXPECT_FALSE(wants_keep_alive(11, {{"Connection", "foo, Close"}}));
  EXPECT_FALSE(wants_keep_alive(10, {}));
  EXPECT_TRUE(wants_keep_alive(10, {{"connection", "Keep-Alive"}}));
}

}  // namespace
}  // namespace foreword::proxy
