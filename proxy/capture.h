// Where an exchange is kept for training: which, from when, and what has to become of it.
//
// On the shard's thread. A request whose label asks for nothing pays for one comparison.
#pragma once

#include <memory>
#include <string_view>

#include "proxy/answer_meter.h"
#include "proxy/capture_writer.h"
#include "proxy/exchange.h"
#include "proxy/row.h"

namespace foreword::proxy {

/// `body` is the client's own, before it is let go. nullptr: nobody asks for it, or it has no
/// successful answer.
[[nodiscard]] std::unique_ptr<PendingCapture> begin_capture(const Exchange& exchange,
                                                            const PromptFacts& facts,
                                                            std::string_view body);
/// The answer is over; `meter` has copied it. `capture` may be nullptr.
void end_capture(const Exchange& exchange, std::unique_ptr<PendingCapture> capture,
                 const AnswerMeter& meter, cache::Outcome outcome);

}  // namespace foreword::proxy
