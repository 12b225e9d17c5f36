#include "proxy/inflate.h"

#include <array>

#include <zlib.h>

namespace foreword::proxy {

BodyCoding coding_of(const Fields& fields) {
  const auto coding = find_field(fields, FieldName::content_encoding).value_or("");
  if (coding.empty() || equals_ignoring_case(coding, "identity")) return BodyCoding::plain;
  const bool zipped =
      equals_ignoring_case(coding, "gzip") || equals_ignoring_case(coding, "deflate");
  return zipped ? BodyCoding::zipped : BodyCoding::unknown;
}

struct Inflater::State {
  z_stream stream{};
  bool usable = false;
  std::array<unsigned char, 16u << 10> out{};
};

Inflater::Inflater() : state_(std::make_unique<State>()) {
  // 15 window bits, plus 32: zlib tells gzip from deflate by the header.
  state_->usable = inflateInit2(&state_->stream, 15 + 32) == Z_OK;
}

Inflater::~Inflater() {
  if (state_) inflateEnd(&state_->stream);
}

Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

void Inflater::start(std::string_view bytes) {
  // zlib's interface is not const-correct; it does not write to its input.
  state_->stream.next_in =
      const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(bytes.data()));
  state_->stream.avail_in = static_cast<uInt>(bytes.size());
}

std::string_view Inflater::next() {
  auto& [stream, usable, out] = *state_;
  if (!usable) return {};
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&stream, Z_SYNC_FLUSH);
  if (result != Z_OK && result != Z_BUF_ERROR) usable = false;  // the end, or no gzip
  const auto produced = out.size() - stream.avail_out;
  return std::string_view(reinterpret_cast<const char*>(out.data()), produced);
}

}  // namespace foreword::proxy
