#include "tools/bench/load_part.h"

#include "tools/bench/names.h"

namespace foreword::bench {

OwnedRequest request_for(std::string_view candidate, const Route& route, const Point& point) {
  constexpr std::size_t kQuestionBytes = 1'024;
  const bool is_large = candidate == candidates::kForewordLargeKb;
  const bool inserts = is_large || candidate == candidates::kForewordKb;
  OwnedRequest request;
  request.body = conversation(inserts ? kQuestionBytes : point.body_bytes, false);
  if (is_large) {
    // 4 MB are refused where the window of the model is known to be too small.
    constexpr std::string_view kKnown = "claude-sonnet-5-5";
    request.body.replace(request.body.find(kKnown), kKnown.size(), "claude-of-benches");
  }
  request.head = request_head(route, request.body.size(), std::nullopt);
  request.least_received = point.body_bytes;
  return request;
}

}  // namespace foreword::bench
