// The admin API's /api/clock: what time it is under virtual time, and moving on.
#pragma once

#include <string_view>

#include "proxy/admin_response.h"
#include "proxy/services.h"

namespace foreword::proxy {

/// 409 where time passes by itself.
[[nodiscard]] AdminResponse clock_page(const Services& services, std::string_view method,
                                       std::string_view body);

}  // namespace foreword::proxy
