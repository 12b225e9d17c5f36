// What the parts that send requests share: the request of a candidate, and who an error is about.
#pragma once

#include <string>

#include "tools/bench/load.h"
#include "tools/bench/prompts.h"
#include "tools/bench/session.h"

namespace foreword::bench {

/// The bytes of one request; movable, and viewed by view().
struct OwnedRequest {
  std::string head;
  std::string body;
  std::size_t least_received = 0;
  [[nodiscard]] Request view() const { return {head, body, least_received}; }
};

/// What `candidate` is sent at a point: the point's body, or one of 1 KB in front of which a
/// knowledge base makes it as large.
[[nodiscard]] OwnedRequest request_for(std::string_view candidate, const Route& route,
                                       const Point& point);

/// Calls `what`; a WrongAnswer then names the candidate.
template <class What>
auto naming(std::string_view candidate, What what) {
  try {
    return what();
  } catch (const WrongAnswer& error) {
    throw WrongAnswer(std::string(candidate) + ": " + error.what());
  }
}

}  // namespace foreword::bench
