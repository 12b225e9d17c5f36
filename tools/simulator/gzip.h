// A gzip stream that can be flushed after each event, by zlib.
//
// Not for use by two threads at once.
#pragma once

#include <string>
#include <string_view>

#include <zlib.h>

namespace foreword::simulator {

class GzipStream {
 public:
  GzipStream();
  ~GzipStream();
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  /// The compressed bytes of `text`, all of them: a receiver can decode it before more comes.
  [[nodiscard]] std::string add(std::string_view text);
  /// What ends the stream.
  [[nodiscard]] std::string finish();

 private:
  [[nodiscard]] std::string run(std::string_view text, int flush);
  z_stream stream_{};
};

}  // namespace foreword::simulator
