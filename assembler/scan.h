// One pass over a request's bytes: structure as offsets.
//
// Pure and thread-safe. simdjson On-Demand does the work behind this interface; nothing outside
// scan.cc knows that.
#pragma once

#include <boost/system/result.hpp>
#include <string_view>

#include "assembler/outline.h"

namespace foreword::assembler {

/// Why a body could not be outlined: it is then forwarded as it came, and the reason is counted.
enum class ScanFailure : std::uint8_t {
  malformed_json = 1,  // not JSON, or not UTF-8
  not_an_object,       // valid JSON of another shape
  duplicate_member,    // a member that an edit depends on occurs twice: which one counts is unknown
  unexpected_shape,    // e.g. `messages` is a number
  too_deep,            // nested deeper than simdjson's 1024
};
[[nodiscard]] std::string_view name_of(ScanFailure failure);

template <class T>
using ScanResult = boost::system::result<T, ScanFailure>;
[[noreturn]] void throw_exception_from_error(ScanFailure failure, const boost::source_location&);

/// Finds what planning needs in a request body of `operation` (not Operation::other).
///
/// REQUIRES: limits::kJsonPaddingBytes readable bytes behind body.end(), of any content.
///
/// Members that matter are recognised in either order, also when their names are written with
/// escapes. A wrong shape in a member that no edit touches is not a failure.
[[nodiscard]] ScanResult<Outline> scan(config::Operation operation, std::string_view body);

}  // namespace foreword::assembler
