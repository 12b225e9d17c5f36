#include "proxy/answer_meter.h"

#include "proxy/capture_writer.h"

namespace foreword::proxy {

void AnswerMeter::on_head(const ResponseHead& head) {
  const auto type = find_field(head.fields, FieldName::content_type).value_or("");
  const bool sse = starts_with_ignoring_case(type, "text/event-stream");
  kind_ = sse ? assembler::BodyKind::sse : assembler::BodyKind::json;
  const auto coding = coding_of(head.fields);
  if (coding == BodyCoding::unknown) return;
  meter_.emplace(operation_, kind_);
  const bool plain = coding == BodyCoding::plain;
  if (!plain) inflater_.emplace();
  if (strip_usage_chunk_ && sse && plain && head.status == 200) filter_.emplace();
}

void AnswerMeter::feed(std::string_view bytes) {
  if (!meter_) return;
  if (!inflater_) return take(bytes);
  inflater_->feed(bytes, [this](std::string_view piece) { take(piece); });
}

void AnswerMeter::take(std::string_view decoded) {
  meter_->feed(decoded);
  if (capture_ != nullptr) capture_->add(decoded);
}

void AnswerMeter::finish() {
  if (meter_) meter_->finish();
}

}  // namespace foreword::proxy
