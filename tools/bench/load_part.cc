#include "tools/bench/load_part.h"

#include "tools/bench/names.h"

namespace foreword::bench {

OwnedRequest request_for(std::string_view candidate, const Route& route, const Point& point) {
  constexpr std::size_t kQuestionBytes = 1'024;
  const bool inserts = candidate == candidates::kForewordKb;
  OwnedRequest request;
  request.body = conversation(inserts ? kQuestionBytes : point.body_bytes, false);
  request.head = request_head(route, request.body.size(), std::nullopt);
  request.least_received = point.body_bytes;
  return request;
}

}  // namespace foreword::bench
