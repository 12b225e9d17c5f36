// Bodies on their way through: what was parsed of one connection, in the framing that the other one
// gets it in. Sans I/O.
#pragma once

#include <cstdint>
#include <forward_list>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/answer_meter.h"
#include "proxy/chunk_parser.h"
#include "proxy/framing.h"
#include "proxy/net.h"

namespace foreword::proxy {

/// Turns the events of an answer's body into what the client gets. The chunks of an upstream stay
/// the chunks they were, unless the meter edits what is in them.
class AnswerFramer {
 public:
  /// `meter` outlives this; nullptr: nothing is metered.
  AnswerFramer(BodyFraming framing, bool upstream_chunked, AnswerMeter* meter);

  /// Appends to `out` what these events become. Valid until clear(), and as long as the events are.
  void add(const std::vector<BodyEvent>& events, Gather& out);
  /// The answer was complete. REQUIRES: called once, and for no answer that was cut.
  void add_end(Gather& out);
  void clear() { owned_.clear(); }

 private:
  asio::const_buffer own(std::string text);
  void add_data(std::string_view data, Gather& out);
  void add_piece(std::string_view data, Gather& out);

  BodyFraming framing_;
  bool mirror_chunks_;  // each chunk of the upstream's stays one chunk
  AnswerMeter* editor_;
  std::forward_list<std::string> owned_;  // without memory while it is empty
};

/// One read's worth of a request's body, in the framing that the upstream gets it in.
struct RequestSlice {
  Gather pieces;
  std::string chunk_head;
  std::uint64_t bytes = 0;
};

/// Behind what is in `slice.pieces` already. REQUIRES: `slice` is new but for that; it stays where
/// it is, and the events stay valid, until it is sent.
void frame_request(const std::vector<BodyEvent>& events, bool chunked, bool last,
                   RequestSlice& slice);

}  // namespace foreword::proxy
