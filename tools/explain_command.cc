#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cache/request_id.h"
#include "tools/admin_connection.h"
#include "tools/commands.h"
#include "tools/explain_text.h"

namespace foreword::tools {

int explain_request(const StoreSource& store, const ExplainQuestion& question) {
  if (question.last == !question.id.empty()) {
    fail("explain takes the id of a request, or --last");
    return kUsage;
  }
  if (!question.last && !cache::parse_request_id(question.id)) {
    fail("an id is 32 hexadecimal digits, as in X-Foreword-Request");
    return kUsage;
  }
  const auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  const auto target = question.last ? "/api/explanation" : "/api/explanation?id=" + question.id;
  const auto answer = (*admin)("GET", target, "");
  if (!answer) return fail(answer.error().message);
  if (question.as_json) {
    fmt::print("{}\n", boost::json::serialize(*answer));
  } else {
    fmt::print("{}", explain_text(*answer));
  }
  return kDone;
}

}  // namespace foreword::tools
