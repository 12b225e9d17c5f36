// One request's story, in lines for a person.
//
// Pure function, thread-safe.
#pragma once

#include <string>

#include <boost/json/value.hpp>

namespace foreword::tools {

/// `explanation` as the admin API gives it (proxy/explanation.h).
[[nodiscard]] std::string explain_text(const boost::json::value& explanation);

}  // namespace foreword::tools
