#include "assembler/sse.h"

#include <utility>

namespace foreword::assembler {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Takes the first line off `text`, with its end, and returns it without.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find_first_of("\r\n");
  const auto line = text.substr(0, end);
  if (end == std::string_view::npos) {
    text = {};
  } else {
    text.remove_prefix(text.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
  }
  return line;
}

/// The value of a line `name: value` or `name:value`; a line without a colon has the empty value.
bool has_field(std::string_view line, std::string_view name, std::string_view& value) {
  if (!line.starts_with(name)) return false;
  line.remove_prefix(name.size());
  if (!line.empty() && line.front() != ':') return false;
  line = line.substr(line.empty() ? 0 : 1);
  value = line.starts_with(' ') ? line.substr(1) : line;
  return true;
}

/// `first`: of the stream. `joined` holds the data if there are several lines of it.
SseEvent parse(std::string_view raw, bool first, std::string& joined) {
  SseEvent event;
  event.raw = raw;
  if (first && raw.starts_with(kByteOrderMark)) raw.remove_prefix(kByteOrderMark.size());
  int data_lines = 0;
  while (!raw.empty()) {
    const auto line = take_line(raw);
    std::string_view value;
    if (has_field(line, "event", value)) {
      event.type = value;
    } else if (has_field(line, "data", value)) {
      ++data_lines;
      if (data_lines == 1) {
        event.data = value;
        continue;
      }
      if (data_lines == 2) joined = event.data;
      joined += '\n';
      joined += value;
    }
  }
  if (data_lines > 1) event.data = joined;
  return event;
}

}  // namespace

/// A blank line ends an event. Where it ends with CR, an LF may belong to it: in a stream that ends
/// its lines with CRLF that LF is waited for; in others the event has ended, and an LF all the same
/// is the first byte of the next one, where it means nothing. So no event of a stream with one
/// habit waits.
SseSplitter::Step SseSplitter::step(char byte) {
  if (after_cr_ && byte == '\n') {
    after_cr_ = false;
    habit_is_crlf_ = true;
    if (!ends_with_lf_) return Step::goes_on;
    ends_with_lf_ = false;
    return Step::ends_after;
  }
  if (ends_with_lf_) {
    ends_with_lf_ = false;
    after_cr_ = false;
    return Step::ended_before;
  }
  after_cr_ = byte == '\r';
  if (byte != '\r' && byte != '\n') {
    line_empty_ = false;
    return Step::goes_on;
  }
  if (!line_empty_) {
    line_empty_ = true;
    habit_is_crlf_ = false;
    return Step::goes_on;
  }
  if (byte == '\r' && habit_is_crlf_) {
    ends_with_lf_ = true;
    return Step::goes_on;
  }
  return Step::ends_after;
}

void SseSplitter::feed(std::string_view bytes, const OnEvent& on_event) {
  std::size_t begin = 0;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const Step result = step(bytes[at]);
    if (result != Step::ended_before) ++at;
    if (result == Step::goes_on) continue;
    end_event(bytes.substr(begin, at - begin), on_event);
    begin = at;
  }
  keep(bytes.substr(begin), on_event);
}

void SseSplitter::end_event(std::string_view rest, const OnEvent& on_event) {
  const bool first = std::exchange(first_, false);
  const bool oversized = in_oversized_ || pending_.size() + rest.size() > max_event_bytes_;
  if (oversized) {
    keep(rest, on_event);
    in_oversized_ = false;
    return;
  }
  std::string joined;
  if (pending_.empty()) {
    on_event(parse(rest, first, joined));
    return;
  }
  pending_ += rest;
  on_event(parse(pending_, first, joined));
  pending_.clear();
}

/// Holds the begin of an event, or hands on a piece of an oversized one.
void SseSplitter::keep(std::string_view rest, const OnEvent& on_event) {
  if (!in_oversized_ && pending_.size() + rest.size() <= max_event_bytes_) {
    pending_ += rest;
    return;
  }
  overflowed_ = true;
  in_oversized_ = true;
  for (const std::string_view piece : {std::string_view(pending_), rest}) {
    if (!piece.empty()) on_event({piece, {}, {}, true});
  }
  std::string().swap(pending_);
}

}  // namespace foreword::assembler
