// What a publish says of the caches it warmed.
#pragma once

#include <boost/json/value.hpp>

namespace foreword::tools {

/// A line for each entry of the answer's "prewarmed"; nothing where no model was named.
void print_prewarmed(const boost::json::value& answer);

}  // namespace foreword::tools
