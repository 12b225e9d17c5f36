// A prompt's body in one piece: its only copy.
#pragma once

#include <optional>

#include "assembler/scan.h"
#include "proxy/body_buffer.h"
#include "proxy/body_charge.h"
#include "proxy/exchange.h"
#include "proxy/failure.h"

namespace foreword::proxy {

struct PromptBody {
  explicit PromptBody(const Exchange& exchange);
  /// Once nothing is sent any more.
  void let_go() {
    bytes.clear();
    charge.release();
  }

  BodyBuffer bytes;
  BodyCharge charge;
};

/// What is wrong with a request whose body did not come whole.
[[nodiscard]] Failure request_cut(ReadStatus status);

/// The body, if all of it came along with the head; request_read then says so.
std::optional<Failure> take_body(Exchange& exchange, PromptBody& prompt);

/// All of it. The scanner looks at each part while it is still in the cache.
Task<std::optional<Failure>> read_body(Exchange& exchange, PromptBody& prompt,
                                       assembler::Scanner& scanner);

}  // namespace foreword::proxy
