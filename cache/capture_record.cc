#include "cache/capture_record.h"

#include <utility>

#include <zlib.h>

#include "cache/record_fields.h"
#include "config/limits.h"
#include "records.pb.h"

namespace foreword::cache {
namespace {

using config::Error;
using config::Result;

/// What the seal covers beside the text, so that no record passes for another.
std::string context_of(const CaptureCover& cover) {
  std::string context(cover.id.bytes.begin(), cover.id.bytes.end());
  return context + cover.key_name + cover.tag + cover.label;
}

/// Events repeat their names a thousand times; what is sealed cannot be packed any more.
Result<std::string> pack(std::string_view text) {
  auto length = compressBound(text.size());
  std::string packed(length, '\0');
  const int result =
      compress2(reinterpret_cast<Bytef*>(packed.data()), &length,
                reinterpret_cast<const Bytef*>(text.data()), text.size(), Z_DEFAULT_COMPRESSION);
  if (result != Z_OK) return Error{"zlib has no memory to pack a captured prompt"};
  packed.resize(length);
  return {boost::system::in_place_value, std::move(packed)};
}

std::optional<std::string> unpack(std::string_view packed, std::uint64_t bytes) {
  if (bytes > config::limits::kMaxCaptureBytes) return std::nullopt;
  std::string text(bytes, '\0');
  auto length = static_cast<uLongf>(bytes);
  const int result = uncompress(reinterpret_cast<Bytef*>(text.data()), &length,
                                reinterpret_cast<const Bytef*>(packed.data()), packed.size());
  if (result != Z_OK || length != bytes) return std::nullopt;
  return text;
}

}  // namespace

Result<std::string> encode(const Capture& capture, const Sealer& sealer, std::string_view tag) {
  auto packed = pack(capture.prompt + capture.answer);
  if (!packed) return packed.error();
  records::Capture content;
  content.set_operation(static_cast<std::uint32_t>(capture.operation));
  content.set_model(capture.model);
  content.set_events(capture.events);
  content.set_packed(*std::move(packed));
  content.set_prompt_bytes(capture.prompt.size());
  content.set_answer_bytes(capture.answer.size());

  const CaptureCover cover{capture.id, sealer.key_name(), std::string(tag), capture.label};
  auto sealed = sealer.seal(content.SerializeAsString(), context_of(cover));
  if (!sealed) return sealed.error();
  records::SealedCapture record;
  record.set_key_name(cover.key_name);
  record.set_tag(cover.tag);
  record.set_label(cover.label);
  record.set_sealed(*std::move(sealed));
  return {boost::system::in_place_value, record.SerializeAsString()};
}

std::optional<CaptureCover> read_cover(const RequestId& id, std::string_view value) {
  records::SealedCapture record;
  if (!parse(value, record)) return std::nullopt;
  return CaptureCover{id, record.key_name(), record.tag(), record.label()};
}

std::optional<Capture> open_capture(const CaptureCover& cover, std::string_view value,
                                    const Sealer& sealer) {
  records::SealedCapture record;
  if (!parse(value, record)) return std::nullopt;
  const auto opened = sealer.open(record.sealed(), context_of(cover));
  records::Capture content;
  if (!opened || !parse(*opened, content)) return std::nullopt;
  if (content.prompt_bytes() > config::limits::kMaxCaptureBytes) return std::nullopt;
  auto text = unpack(content.packed(), content.prompt_bytes() + content.answer_bytes());
  if (!text) return std::nullopt;
  Capture capture;
  capture.id = cover.id;
  capture.label = cover.label;
  capture.operation = static_cast<config::Operation>(content.operation());
  capture.model = content.model();
  capture.events = content.events();
  capture.answer = text->substr(content.prompt_bytes());
  text->resize(content.prompt_bytes());
  capture.prompt = *std::move(text);
  return capture;
}

}  // namespace foreword::cache
