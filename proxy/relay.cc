#include "proxy/relay.h"

#include <forward_list>
#include <utility>

#include <fmt/format.h>

namespace foreword::proxy {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";

asio::const_buffer as_buffer(std::string_view bytes) {
  return asio::const_buffer(bytes.data(), bytes.size());
}

/// Turns body events into what the client gets, in the framing that it gets it in.
class Framer {
 public:
  Framer(BodyFraming framing, bool upstream_chunked, AnswerMeter* meter)
      : framing_(framing),
        mirror_chunks_(framing == BodyFraming::chunked && upstream_chunked &&
                       !(meter != nullptr && meter->edits())),
        editor_(meter != nullptr && meter->edits() ? meter : nullptr) {}

  /// Appends to `out` what these events become. Small strings are kept until clear().
  void add(const std::vector<BodyEvent>& events, Gather& out) {
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
  void add_end(Gather& out) {
    if (editor_ != nullptr) add_piece(editor_->finish_edit(), out);
    if (framing_ == BodyFraming::chunked) out.push_back(as_buffer(kLastChunk));
  }
  void clear() { owned_.clear(); }

 private:
  static std::string chunk_head(std::uint64_t bytes) { return fmt::format("{:x}\r\n", bytes); }
  asio::const_buffer own(std::string text) {
    return as_buffer(owned_.emplace_front(std::move(text)));
  }

  void add_data(std::string_view data, Gather& out) {
    if (editor_ == nullptr) return add_piece(data, out);
    const auto kept = editor_->edit(data);
    if (!kept.empty())
      add_piece(owned_.emplace_front(kept), out);  // valid only until the next edit
  }
  void add_piece(std::string_view data, Gather& out) {
    if (data.empty()) return;
    const bool chunk = framing_ == BodyFraming::chunked && !mirror_chunks_;
    if (chunk) out.push_back(own(chunk_head(data.size())));
    out.push_back(as_buffer(data));
    if (chunk) out.push_back(as_buffer(kLineEnd));
  }

  BodyFraming framing_;
  bool mirror_chunks_;  // each chunk of the upstream's stays one chunk
  AnswerMeter* editor_;
  std::forward_list<std::string> owned_;  // without memory while it is empty
};

void meter_events(RelayJob& job, const std::vector<BodyEvent>& events) {
  if (job.meter == nullptr) return;
  for (const auto& event : events) {
    if (event.kind == BodyEvent::Kind::data) job.meter->feed(event.data);
  }
}

}  // namespace

Task<RelayEnd> relay_answer(RelayJob& job) {
  Framer framer(job.framing, job.answer->chunked(), job.meter);
  Gather out;
  out.reserve(4);
  out.push_back(as_buffer(job.head));
  const std::vector<BodyEvent> nothing;
  ReadStatus status = job.answer->done() ? ReadStatus::done : ReadStatus::ok;
  for (bool head_sent = false;; head_sent = true) {
    // The head goes out at once unless some of the body is already here.
    const bool read = status == ReadStatus::ok && (head_sent || job.answer->has_unread());
    if (read) {
      job.upstream->expires_after(job.idle_timeout);
      status = co_await job.answer->read_body();
      job.upstream->expires_never();
    }
    const auto& events = read ? job.answer->events() : nothing;
    framer.add(events, out);
    if (status == ReadStatus::done) framer.add_end(out);
    job.client->expires_after(job.idle_timeout);
    const auto error = co_await job.client->write(std::move(out));
    job.client->expires_never();
    out = Gather();
    meter_events(job, events);
    framer.clear();
    if (job.on_piece && !events.empty()) job.on_piece();
    if (error || *job.client_gone) co_return RelayEnd::client_gone;
    if (status == ReadStatus::done) co_return RelayEnd::complete;
    if (status != ReadStatus::ok) co_return RelayEnd::upstream_cut;
    if (head_sent) continue;
    job.answer->drop_head();  // a long stream need not hold it
    job.head = std::string();
  }
}

}  // namespace foreword::proxy
