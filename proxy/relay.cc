#include "proxy/relay.h"

#include <utility>

#include "proxy/body_framer.h"

namespace foreword::proxy {
namespace {

asio::const_buffer as_buffer(std::string_view bytes) {
  return asio::const_buffer(bytes.data(), bytes.size());
}

void meter_events(RelayJob& job, const std::vector<BodyEvent>& events) {
  if (job.meter == nullptr) return;
  for (const auto& event : events) {
    if (event.kind == BodyEvent::Kind::data) job.meter->feed(event.data);
  }
}

}  // namespace

Task<RelayEnd> relay_answer(RelayJob& job) {
  AnswerFramer framer(job.framing, job.answer->chunked(), job.meter);
  Gather out;
  out.reserve(4);
  out.push_back(as_buffer(job.head));
  const std::vector<BodyEvent> nothing;
  ReadStatus status = job.answer->done() ? ReadStatus::done : ReadStatus::ok;
  if (job.held != nullptr) status = job.held->status();
  for (bool head_sent = false;; head_sent = true) {
    // The head goes out at once unless some of the body is already here.
    const bool held = job.held != nullptr && !head_sent;
    const bool read = !held && status == ReadStatus::ok && (head_sent || job.answer->has_unread());
    if (read) {
      job.upstream->expires_after(job.idle_timeout);
      const auto here = job.answer->body_now();
      status = here.value_or(ReadStatus::ok);
      if (!here) status = co_await job.answer->read_body();
      job.upstream->expires_never();
    }
    const auto& events = read ? job.answer->events() : held ? job.held->events() : nothing;
    framer.add(events, out);
    if (status == ReadStatus::done) framer.add_end(out);
    job.client->expires_after(job.idle_timeout);
    error_code error;
    const bool sent = job.client->write_now(out, error);
    if (!sent) error = co_await job.client->write(std::move(out));
    job.client->expires_never();
    out = Gather();
    meter_events(job, events);
    framer.clear();
    if (job.on_piece && !events.empty()) job.on_piece();
    if (error || *job.client_gone) co_return RelayEnd::client_gone;
    if (status == ReadStatus::done) co_return RelayEnd::complete;
    if (status != ReadStatus::ok) co_return RelayEnd::upstream_cut;
    if (head_sent) continue;
    job.answer->drop_head();       // a long stream need not hold it
    std::string().swap(job.head);  // an assignment would keep its memory
  }
}

}  // namespace foreword::proxy
