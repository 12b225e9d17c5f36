#include "proxy/held_body.h"

#include "config/limits.h"
#include "proxy/inflate.h"

namespace foreword::proxy {

void HeldBody::add(const std::vector<BodyEvent>& events, ReadStatus status) {
  for (auto event : events) {
    bytes_ += event.data.size();
    if (!event.data.empty()) event.data = data_.emplace_front(event.data);
    events_.push_back(event);
  }
  status_ = status;
}

bool HeldBody::full() const {
  return bytes_ > config::limits::kMaxRefusalBytes ||
         events_.size() > config::limits::kMaxBodyEvents;
}

std::optional<std::string> HeldBody::text(const Fields& head) const {
  const auto coding = coding_of(head);
  if (status_ != ReadStatus::done || coding == BodyCoding::unknown) return std::nullopt;
  std::string text;
  Inflater inflater;
  const auto add = [&text](std::string_view piece) {
    if (text.size() <= config::limits::kMaxRefusalBytes) text += piece;
  };
  for (const auto& event : events_) {
    if (coding == BodyCoding::plain) add(event.data);
    if (coding == BodyCoding::zipped) inflater.feed(event.data, add);
  }
  if (text.size() > config::limits::kMaxRefusalBytes) return std::nullopt;
  return text;
}

}  // namespace foreword::proxy
