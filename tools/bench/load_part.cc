#include "tools/bench/load_part.h"

#include "tools/bench/names.h"
#include "tools/bench/prompts.h"

namespace foreword::bench {

OwnedRequest request_for(std::string_view candidate, std::string_view path, const Point& point) {
  constexpr std::size_t kQuestionBytes = 1'024;
  const bool inserts = candidate == candidates::kForewordKb;
  OwnedRequest request;
  request.body = conversation(inserts ? kQuestionBytes : point.body_bytes, false);
  request.head = request_head(path, request.body.size(), std::nullopt);
  request.least_received = point.body_bytes;
  return request;
}

}  // namespace foreword::bench
