// The oracle for framing: HTTP/1.1 messages read by the letter of RFC 9112, from bytes that are all
// here. What is not in the grammar is refused, and so is what has been read in two ways somewhere.
// Shares no code with the product.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace foreword::oracle {

enum class Framing : std::uint8_t { none, length, chunked, until_close };

struct HttpField {
  std::string name;
  std::string value;
  bool operator==(const HttpField&) const = default;
};

struct HttpMessage {
  std::string method;  // of requests
  std::string target;
  unsigned status = 0;  // of answers
  std::string reason;
  unsigned version = 0;
  std::vector<HttpField> fields;

  Framing framing = Framing::none;
  std::uint64_t length = 0;         // where the framing is by length
  std::vector<std::string> chunks;  // where it is chunked: what is here of each
  std::vector<HttpField> trailers;
  std::string body;       // what is here of it
  bool complete = false;  // until_close: as if the connection were closed behind the bytes
  std::size_t end = 0;    // one behind its last byte
};

enum class Verdict : std::uint8_t {
  message,
  head_incomplete,
  refused,
};

struct HttpReading {
  Verdict verdict = Verdict::refused;
  HttpMessage message;  // only where the verdict is `message`
};

[[nodiscard]] HttpReading read_request(std::string_view bytes);
/// `to_head`: the answer to a HEAD request.
[[nodiscard]] HttpReading read_answer(std::string_view bytes, bool to_head);

[[nodiscard]] std::string lower_case(std::string_view text);
/// The values of all fields of that name.
[[nodiscard]] std::vector<std::string> values_of(const std::vector<HttpField>& fields,
                                                 std::string_view name);
/// The members of a comma-separated list, in lower case, without the spaces around them.
[[nodiscard]] std::vector<std::string> members_of(const std::vector<HttpField>& fields,
                                                  std::string_view name);

}  // namespace foreword::oracle
