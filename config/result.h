// Result<T>: a value, or an Error that says what happened, where, and what to do.
//
// For failures that the outside world can cause. Bugs are assertions, never Errors.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include <boost/system/result.hpp>

namespace foreword::config {

/// One line for a person: what happened, where, what to do. Never holds a key, a prompt or a
/// document.
struct Error {
  std::string message;
};

/// Called by Result<T>::value() on an error: only start-up code and tests let it throw.
[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
  throw std::runtime_error(error.message);
}

template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace foreword::config
