// GET /api/prefixes: what is remembered of prompts' prefixes, and what answers taught of the
// providers' caches.
#pragma once

#include <boost/json/object.hpp>

#include "proxy/services.h"

namespace foreword::proxy {

/// {"prefixes", "warm", "bytes", "waited", "gave_up", "pings", "caches": [{"upstream", "model",
/// "not_cached_up_to_tokens": number or null, "asked_for_longer", "given_longer", "gives_longer":
/// false once it was asked for a few times and never given}]}. Numbers and names only.
[[nodiscard]] boost::json::object prefixes_json(const Services& services);

}  // namespace foreword::proxy
