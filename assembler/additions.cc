#include "assembler/additions.h"

namespace foreword::assembler {

std::string_view name_of(Addition addition) {
  switch (addition) {
    case Addition::knowledge:
      return "knowledge";
    case Addition::breakpoints:
      return "breakpoints";
    case Addition::cache_key:
      return "prompt_cache_key";
    case Addition::usage:
      return "stream_options";
    case Addition::developer_role:
      return "developer_role";
  }
  return "unknown";
}

}  // namespace foreword::assembler
