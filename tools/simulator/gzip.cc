#include "simulator/gzip.h"

#include <array>
#include <new>

namespace foreword::simulator {

GzipStream::GzipStream() {
  constexpr int kGzipWindow = MAX_WBITS + 16;
  constexpr int kMemoryLevel = 8;
  if (deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();  // the arguments are constants: only memory can fail
  }
}

GzipStream::~GzipStream() {
  deflateEnd(&stream_);
}

std::string GzipStream::add(std::string_view text) {
  return run(text, Z_SYNC_FLUSH);
}

std::string GzipStream::finish() {
  return run({}, Z_FINISH);
}

std::string GzipStream::run(std::string_view text, int flush) {
  std::string in(text);
  std::string out;
  std::array<char, 16384> piece{};
  stream_.next_in = reinterpret_cast<Bytef*>(in.data());
  stream_.avail_in = static_cast<uInt>(in.size());
  do {
    stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream_.avail_out = static_cast<uInt>(piece.size());
    deflate(&stream_, flush);
    out.append(piece.data(), piece.size() - stream_.avail_out);
  } while (stream_.avail_out == 0);
  return out;
}

}  // namespace foreword::simulator
