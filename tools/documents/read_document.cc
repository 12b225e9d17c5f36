#include "tools/documents/read_document.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "assembler/document.h"
#include "config/limits.h"
#include "tools/documents/plain_text.h"
#include "tools/documents/secrets.h"

namespace foreword::tools {
namespace {

namespace limits = config::limits;
using config::Error;
using config::Result;

Result<std::string> read_bytes(int file, std::uint64_t size) {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto read = ::read(file, bytes.data() + done, bytes.size() - done);
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) return Error{fmt::format("it cannot be read: {}", std::strerror(errno))};
    if (read == 0) break;
    done += static_cast<std::size_t>(read);
  }
  bytes.resize(done);  // somebody made it shorter meanwhile
  return Result<std::string>(boost::system::in_place_value, std::move(bytes));
}

bool is_extracted(FileKind kind) {
  return kind == FileKind::html || kind == FileKind::pdf || kind == FileKind::docx;
}

ExtractFormat format_of(FileKind kind) {
  if (kind == FileKind::pdf) return ExtractFormat::pdf;
  return kind == FileKind::docx ? ExtractFormat::docx : ExtractFormat::html;
}

}  // namespace

Result<std::string> DocumentReader::read_text(FileKind kind, int file, const FileStamp& stamp) {
  const auto most = is_extracted(kind) ? limits::kMaxExtractedFileBytes
                                       : static_cast<std::uint64_t>(limits::kMaxDocumentBytes);
  if (stamp.bytes > most) {
    return Error{fmt::format("its {} bytes are more than the {} of one document: split it",
                             stamp.bytes, most)};
  }
  if (stamp.bytes == 0) return Error{"it is empty"};
  if (is_extracted(kind)) return worker_.extract(format_of(kind), file);
  auto bytes = read_bytes(file, stamp.bytes);
  if (!bytes) return bytes;
  auto text = to_utf8(std::move(*bytes));
  if (text && kind == FileKind::json) {
    if (auto valid = check_json(*text); !valid) return valid.error();
  }
  return text;
}

Result<ReadDocument> DocumentReader::read(const FoundFile& file) {
  // Where a pipe has taken its place, opening it must not wait for a writer.
  const UniqueFd opened(
      open(file.file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat info {};
  if (!opened || fstat(opened.get(), &info) != 0) {
    return Error{fmt::format("it cannot be read: {}", std::strerror(errno))};
  }
  if (!S_ISREG(info.st_mode)) return Error{"it is no regular file"};
  ReadDocument read;
  read.stamp = stamp_of(info);
  auto raw = read_text(file.kind, opened.get(), read.stamp);
  if (!raw) return raw.error();
  if (!allow_secrets_ && holds_private_key(*raw)) {
    return Error{"there is a private key in it; --allow-secrets takes it"};
  }
  auto text = assembler::normalise_text(*raw);
  if (!text) return text.error();
  read.text = std::move(*text);
  return read;
}

}  // namespace foreword::tools
