// Follows one answer as it is relayed: undoes its coding, reads its usage, edits its stream if
// needed.
#pragma once

#include <optional>
#include <string_view>

#include "assembler/usage.h"
#include "assembler/usage_chunk_filter.h"
#include "proxy/head.h"
#include "proxy/inflate.h"

namespace foreword::proxy {

class PendingCapture;

class AnswerMeter {
 public:
  /// `strip_usage_chunk`: the client did not ask for the chunk that the request was edited to
  /// bring.
  AnswerMeter(config::Operation operation, bool strip_usage_chunk)
      : operation_(operation), strip_usage_chunk_(strip_usage_chunk) {}

  void on_head(const ResponseHead& head);
  /// Is the body edited on its way? Then its length changes.
  [[nodiscard]] bool edits() const { return filter_.has_value(); }
  /// What may be sent of these bytes; REQUIRES edits(). Valid until the next call.
  [[nodiscard]] std::string_view edit(std::string_view bytes) { return filter_->feed(bytes); }
  [[nodiscard]] std::string_view finish_edit() { return filter_->finish(); }

  /// What is fed is also given to `capture`, its coding undone. nullptr: to nobody.
  void copy_to(PendingCapture* capture) { capture_ = capture; }

  /// The upstream's bytes, without chunk framing.
  void feed(std::string_view bytes);
  /// The body ended, whole or cut.
  void finish();

  [[nodiscard]] bool is_stream() const { return kind_ == assembler::BodyKind::sse; }
  /// nullptr: there was no body to read from, or its coding is one that we cannot undo.
  [[nodiscard]] const assembler::UsageMeter* usage() const { return meter_ ? &*meter_ : nullptr; }

 private:
  void take(std::string_view decoded);

  config::Operation operation_;
  bool strip_usage_chunk_;
  assembler::BodyKind kind_ = assembler::BodyKind::json;
  std::optional<assembler::UsageMeter> meter_;
  std::optional<assembler::UsageChunkFilter> filter_;
  std::optional<Inflater> inflater_;
  PendingCapture* capture_ = nullptr;
};

}  // namespace foreword::proxy
