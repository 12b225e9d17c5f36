// Takes out of a chat-completions stream the one chunk that the client did not ask for.
#pragma once

#include <string>
#include <string_view>

#include "assembler/sse.h"

namespace foreword::assembler {

/// The chunk with empty `choices` and a `usage` object, which stream_options.include_usage adds
/// before [DONE]. Every other byte passes unchanged, and as soon as its event is complete.
class UsageChunkFilter {
 public:
  UsageChunkFilter();

  /// What of the stream may be sent after these bytes came. Valid until the next call.
  [[nodiscard]] std::string_view feed(std::string_view bytes);
  /// The stream ended, whole or cut: what was held back of an incomplete event.
  [[nodiscard]] std::string_view finish();

 private:
  SseSplitter splitter_;
  std::string out_;
};

}  // namespace foreword::assembler
