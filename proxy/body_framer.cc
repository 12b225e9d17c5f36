#include "proxy/body_framer.h"

#include <utility>

#include <fmt/format.h>

namespace foreword::proxy {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";

asio::const_buffer as_buffer(std::string_view bytes) {
  return asio::const_buffer(bytes.data(), bytes.size());
}

std::string chunk_head(std::uint64_t bytes) {
  return fmt::format("{:x}\r\n", bytes);
}

}  // namespace

AnswerFramer::AnswerFramer(BodyFraming framing, bool upstream_chunked, AnswerMeter* meter)
    : framing_(framing),
      mirror_chunks_(framing == BodyFraming::chunked && upstream_chunked &&
                     !(meter != nullptr && meter->edits())),
      editor_(meter != nullptr && meter->edits() ? meter : nullptr) {}

void AnswerFramer::add(const std::vector<BodyEvent>& events, Gather& out) {
  for (const auto& event : events) {
    switch (event.kind) {
      case BodyEvent::Kind::chunk_begin:
        if (mirror_chunks_) out.push_back(own(chunk_head(event.chunk_bytes)));
        break;
      case BodyEvent::Kind::data:
        add_data(event.data, out);
        break;
      case BodyEvent::Kind::chunk_end:
        if (mirror_chunks_) out.push_back(as_buffer(kLineEnd));
        break;
    }
  }
}

void AnswerFramer::add_end(Gather& out) {
  if (editor_ != nullptr) add_piece(editor_->finish_edit(), out);
  if (framing_ == BodyFraming::chunked) out.push_back(as_buffer(kLastChunk));
}

asio::const_buffer AnswerFramer::own(std::string text) {
  return as_buffer(owned_.emplace_front(std::move(text)));
}

void AnswerFramer::add_data(std::string_view data, Gather& out) {
  if (editor_ == nullptr) return add_piece(data, out);
  const auto kept = editor_->edit(data);
  if (!kept.empty()) add_piece(owned_.emplace_front(kept), out);  // valid only until the next edit
}

void AnswerFramer::add_piece(std::string_view data, Gather& out) {
  if (data.empty()) return;
  const bool chunk = framing_ == BodyFraming::chunked && !mirror_chunks_;
  if (chunk) out.push_back(own(chunk_head(data.size())));
  out.push_back(as_buffer(data));
  if (chunk) out.push_back(as_buffer(kLineEnd));
}

void frame_request(const std::vector<BodyEvent>& events, bool chunked, bool last,
                   RequestSlice& slice) {
  for (const auto& event : events) slice.bytes += event.data.size();
  if (chunked && slice.bytes > 0) {
    slice.chunk_head = chunk_head(slice.bytes);
    slice.pieces.push_back(as_buffer(slice.chunk_head));
  }
  for (const auto& event : events) {
    if (!event.data.empty()) slice.pieces.push_back(as_buffer(event.data));
  }
  if (chunked && slice.bytes > 0) slice.pieces.push_back(as_buffer(kLineEnd));
  if (chunked && last) slice.pieces.push_back(as_buffer(kLastChunk));
}

}  // namespace foreword::proxy
