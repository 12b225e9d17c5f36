#include "proxy/chunk_parser.h"

#include <gtest/gtest.h>

namespace foreword::proxy {
namespace {

namespace http = boost::beast::http;

boost::beast::error_code put(ChunkParser& parser, std::string_view bytes) {
  boost::beast::error_code error;
  parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  return error;
}

TEST(ChunkParser, TakesTheEndOfAChunkedBodyByteByByte) {
  std::vector<BodyEvent> events;
  ChunkParser parser(events);
  parser.eager(true);
  const std::string_view end = "0\r\n\r\n";
  for (std::size_t bytes = 1; bytes < end.size(); ++bytes) {
    EXPECT_EQ(put(parser, end.substr(0, bytes)), http::error::need_more);
  }
  EXPECT_FALSE(put(parser, end).failed());
  EXPECT_TRUE(parser.is_done());
}

TEST(ChunkParser, RefusesALineEndInAChunkExtension) {
  for (const std::string_view chunk : {"1;a=\"\n\"\r\nx\r\n", "0;a=\"\x7f\"\r\n\r\n"}) {
    std::vector<BodyEvent> events;
    ChunkParser parser(events);
    EXPECT_EQ(put(parser, chunk), http::error::bad_chunk_extension) << chunk;
  }
}

}  // namespace
}  // namespace foreword::proxy
