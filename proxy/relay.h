// Sends an answer on to the client, piece by piece as it comes; never holds a byte back.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "proxy/answer_meter.h"
#include "proxy/framing.h"
#include "proxy/held_body.h"
#include "proxy/message_reader.h"
#include "proxy/transport.h"

namespace foreword::proxy {

enum class RelayEnd : std::uint8_t {
  complete,
  client_gone,
  upstream_cut,  // the client's answer is cut too: no final chunk, the connection closed
};

struct RelayJob {
  Transport* client = nullptr;
  Transport* upstream = nullptr;
  ResponseReader* answer = nullptr;
  const HeldBody* held = nullptr;     // the body as far as it was read already; nullptr: not at all
  AnswerMeter* meter = nullptr;       // nullptr: nothing to meter
  const bool* client_gone = nullptr;  // set by whoever watches the client
  std::string head;  // for the client; sent together with the first bytes of the body
  BodyFraming framing{};
  std::chrono::milliseconds idle_timeout{};
  /// After every piece that was passed on; may be empty.
  std::function<void()> on_piece;
};

/// Reads the next piece only when the last one is written: that is the back-pressure.
Task<RelayEnd> relay_answer(RelayJob& job);

}  // namespace foreword::proxy
