// How the inputs of fuzz targets name an operation.
#pragma once

#include "config/provider.h"

namespace foreword {

/// m, c, r, g; any other letter is m too.
inline config::Operation operation_of(char letter) {
  switch (letter) {
    case 'c':
      return config::Operation::chat_completions;
    case 'r':
      return config::Operation::responses;
    case 'g':
      return config::Operation::generate_content;
    default:
      return config::Operation::messages;
  }
}

}  // namespace foreword
