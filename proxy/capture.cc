#include "proxy/capture.h"

#include <utility>

namespace foreword::proxy {

std::unique_ptr<PendingCapture> begin_capture(const Exchange& exchange, const PromptFacts& facts,
                                              std::string_view body) {
  auto* const writer = exchange.shard.services().capture_writer;
  const auto& call = exchange.call;
  if (writer == nullptr || !writer->wants(call.label) || call.only_counts) return nullptr;
  const auto status = exchange.answer->head().status;
  if (status < 200 || status >= 300) return nullptr;
  cache::Capture capture;
  capture.id = exchange.id;
  capture.label = call.label;
  capture.operation = call.operation;
  capture.model = facts.model;
  return writer->begin(std::move(capture), body);
}

void end_capture(const Exchange& exchange, std::unique_ptr<PendingCapture> capture,
                 const AnswerMeter& meter, cache::Outcome outcome) {
  if (!capture) return;
  capture->set_events(meter.is_stream());
  if (outcome != cache::Outcome::complete) capture->give_up(CaptureLoss::incomplete);
  if (meter.usage() == nullptr) capture->give_up(CaptureLoss::unreadable);
  exchange.shard.services().capture_writer->finish(std::move(capture));
}

}  // namespace foreword::proxy
