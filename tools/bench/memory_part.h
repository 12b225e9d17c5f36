// Who takes part where memory is measured, and how many connections this machine allows.
#pragma once

#include <cstddef>
#include <string_view>

#include "tools/bench/session.h"

namespace foreword::bench {

/// One of each program: other settings of it cost the same.
[[nodiscard]] bool has_memory_of_its_own(std::string_view candidate);
/// False is noted in the results.
[[nodiscard]] bool fits_open_files(const Session& session, std::string_view candidate,
                                   std::size_t connections);

}  // namespace foreword::bench
