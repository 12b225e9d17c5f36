// The oracle: the same outline by another way, a walk of simdjson On-Demand over the whole body. It
// was the product's scanner until the product had one that works while the body arrives.
#pragma once

#include <string_view>

#include "assembler/scan.h"

namespace foreword::oracle {

[[nodiscard]] assembler::ScanResult<assembler::Outline> scan(config::Operation operation,
                                                             std::string_view body);

/// Its first step alone, without a copy: segments have a kind and a place, and nothing else is
/// known of them. What a scan costs by simdjson. REQUIRES: 64 readable bytes behind the body.
[[nodiscard]] assembler::ScanResult<assembler::Outline> scan_padded(config::Operation operation,
                                                                    std::string_view body);

}  // namespace foreword::oracle
