// HTTP/1 framing, in both directions: whatever comes over a connection, the proxy reads it as RFC
// 9112 does, or refuses it; in whatever pieces it comes; and what it sends on is one message that
// says the same.
//
// An input is a line of two characters, then the bytes of a connection. The first names the
// direction (q a request; answers: a to HTTP/1.1, o to HTTP/1.0, h to HEAD, u to an upgrade, e of a
// stream that is edited), the second how the bytes are cut.
#include "fuzz/framing.h"

namespace {

using namespace foreword::fuzz;

void check(char direction, std::string_view bytes, unsigned seed) {
  switch (direction) {
    case 'a':
      return check_answers(Asked::http11, bytes, seed);
    case 'o':
      return check_answers(Asked::http10, bytes, seed);
    case 'h':
      return check_answers(Asked::head, bytes, seed);
    case 'u':
      return check_answers(Asked::upgrade, bytes, seed);
    case 'e':
      return check_answers(Asked::edited_stream, bytes, seed);
    default:
      return check_requests(bytes, seed);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check(input[0], input.substr(3), static_cast<unsigned char>(input[1]));
  return 0;
}
