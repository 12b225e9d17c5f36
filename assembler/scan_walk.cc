#include "assembler/scan_walk.h"

#include <algorithm>

namespace foreword::assembler {
namespace {

bool is_space(char c) {
  return c <= ' ' && (c == ' ' || c == '\n' || c == '\r' || c == '\t');
}

/// What may follow a number or a literal.
bool ends_scalar(char c) {
  switch (c) {
    case ' ':
    case '\n':
    case '\r':
    case '\t':
    case ',':
    case ':':
    case '"':
    case '[':
    case ']':
    case '{':
    case '}':
      return true;
    default:
      return false;
  }
}

/// By the first byte, as far as it tells; absent: no value begins so.
Shape shape_of(char c) {
  switch (c) {
    case '{':
      return Shape::object;
    case '[':
      return Shape::array;
    case '"':
      return Shape::string;
    case 't':
    case 'f':
      return Shape::boolean;
    case 'n':
      return Shape::null;
    case '-':
      return Shape::number;
    default:
      return c >= '0' && c <= '9' ? Shape::number : Shape::absent;
  }
}

/// A bracket and its counterpart are two apart, for both kinds.
bool matches(char opening, char closing) {
  return closing - opening == 2;
}

/// Whether `raw` may be `name` with some of its letters written as \u0061.
bool may_be_escaped(std::string_view raw, std::string_view name) {
  constexpr std::size_t kEscapeBytes = 6;
  return raw.size() >= name.size() + kEscapeBytes - 1 && raw.size() <= kEscapeBytes * name.size();
}

const MemberRule* find_escaped_member(std::span<const MemberRule> members, std::string_view raw) {
  std::string storage;
  // A name that cannot be decoded (half a surrogate pair) is none of ours.
  const auto name = decode(raw, storage);
  const auto found = std::ranges::find(members, name, &MemberRule::name);
  return found == members.end() ? nullptr : &*found;
}

const MemberRule* find_member(std::span<const MemberRule> members, std::string_view raw) {
  bool escaped = false;
  for (const MemberRule& member : members) {
    if (member.name == raw) return &member;
    escaped = escaped || may_be_escaped(raw, member.name);
  }
  return escaped && raw.find('\\') != std::string_view::npos ? find_escaped_member(members, raw)
                                                             : nullptr;
}

}  // namespace

void ScanWalk::walk(const char* body, const Window& window) {
  state_.body = body;
  window_ = window;
  while (at_ < window_.end && !failed()) {
    switch (mode_) {
      case Mode::tokens:
        walk_tokens();
        break;
      case Mode::string:
        walk_string();
        break;
      case Mode::scalar:
        walk_scalar();
        break;
      case Mode::skip:
        walk_skipped();
        break;
    }
  }
  // A name that has not ended may be that of a member that is left out, comma and all.
  const bool in_value = mode_ == Mode::skip || (mode_ == Mode::string && !in_name());
  if (in_value) state_.hash.keep_up(body, at_);
}

void ScanWalk::walk_tokens() {
  while (mode_ == Mode::tokens && at_ < window_.end && !failed()) {
    const char c = state_.body[at_];
    if (is_space(c)) {
      ++at_;
      continue;
    }
    switch (expect_) {
      case Expect::root:
        begin_root(c);
        break;
      case Expect::name_or_end:
        if (c == '}') {
          end_container(c);
          break;
        }
        [[fallthrough]];
      case Expect::name:
        if (c != '"') return malformed();
        frames_.back().empty = false;
        begin_ = at_++;
        walk_string();
        break;
      case Expect::colon:
        if (c != ':') return malformed();
        ++at_;
        expect_ = Expect::value;
        break;
      case Expect::value:
        begin_value(c);
        break;
      case Expect::element_or_end:
        if (c == ']') {
          end_container(c);
          break;
        }
        begin_element(c);
        break;
      case Expect::comma_or_end:
        after_value(c);
        break;
      case Expect::nothing:
        return malformed();
    }
  }
}

void ScanWalk::walk_string() {
  const std::size_t quote = window_.next_quote(at_);
  if (quote == Window::kNone) {
    mode_ = Mode::string;
    at_ = window_.end;
    return;
  }
  mode_ = Mode::tokens;
  at_ = quote + 1;
  end_string(at_);
}

void ScanWalk::walk_scalar() {
  while (at_ < window_.end && !ends_scalar(state_.body[at_])) ++at_;
  mode_ = Mode::scalar;
  if (at_ == window_.end) return;
  mode_ = Mode::tokens;
  end_scalar();
}

void ScanWalk::walk_skipped() {
  const std::size_t closing = window_.next_closing(at_, depth_);
  if (closing == Window::kNone) {
    mode_ = Mode::skip;
    at_ = window_.end;
    return;
  }
  mode_ = Mode::tokens;
  at_ = closing + 1;
  const char opened = state_.body[begin_];
  if (!matches(opened, state_.body[closing])) return malformed();
  end_value({shape_of(opened), {begin_, at_}, is_blank(begin_ + 1, closing)});
}

void ScanWalk::begin_root(char c) {
  switch (shape_of(c)) {
    case Shape::object:
      return begin_value(c);
    case Shape::absent:
      return malformed();
    default:
      return state_.stop(ScanFailure::not_an_object);
  }
}

void ScanWalk::begin_element(char c) {
  frames_.back().empty = false;
  rule_ = frames_.back().rule->element;
  begin_value(c);
}

void ScanWalk::begin_value(char c) {
  if (rule_ != nullptr && rule_->begin != nullptr) {
    rule_->begin(state_, at_);
    if (failed()) return;
  }
  begin_ = at_;
  switch (shape_of(c)) {
    case Shape::absent:
      return malformed();
    case Shape::object:
    case Shape::array:
      return begin_container(c);
    case Shape::string:
      ++at_;
      return walk_string();
    default:
      return walk_scalar();
  }
}

void ScanWalk::begin_container(char c) {
  ++at_;
  if (rule_ == nullptr || !rule_->walk) {
    depth_ = 1;
    return walk_skipped();
  }
  frames_.push_back({.rule = rule_, .begin = begin_, .is_object = c == '{', .empty = true});
  expect_ = c == '{' ? Expect::name_or_end : Expect::element_or_end;
}

void ScanWalk::end_string(std::size_t end) {
  const Span token{begin_, end};
  if (in_name()) return end_name(token);
  end_value({Shape::string, token, token.size() == 2});
}

void ScanWalk::end_name(const Span& token) {
  expect_ = Expect::colon;
  resume_if_due(token.begin);
  const auto* member = find_member(frames_.back().rule->members, raw_text(state_, token));
  rule_ = member != nullptr ? member->rule : nullptr;
  if (rule_ != nullptr && rule_->left_out) leave_out(token);
  if (at_ < window_.end && state_.body[at_] == ':') {
    ++at_;
    expect_ = Expect::value;
  }
  if (member == nullptr || member->slot == MemberRule::kRepeatable) return;
  const unsigned bit = 1u << member->slot;
  if ((state_.seen & bit) != 0) return state_.stop(ScanFailure::duplicate_member);
  state_.seen |= bit;
}

void ScanWalk::end_scalar() {
  const std::string_view token(state_.body + begin_, at_ - begin_);
  const Shape shape = shape_of(token.front());
  const bool known =
      shape == Shape::number || token == "true" || token == "false" || token == "null";
  if (!known) return malformed();
  end_value({shape, {begin_, at_}, false});
}

void ScanWalk::after_value(char c) {
  const Frame& frame = frames_.back();
  if (c != ',') return end_container(c);
  ++at_;
  expect_ = frame.is_object ? Expect::name : Expect::value;
  rule_ = frame.rule->element;
}

void ScanWalk::end_container(char c) {
  const Frame frame = frames_.back();
  if (c != (frame.is_object ? '}' : ']')) return malformed();
  resume_if_due(at_);
  frames_.pop_back();
  ++at_;
  rule_ = frame.rule;
  end_value({frame.is_object ? Shape::object : Shape::array, {frame.begin, at_}, frame.empty});
}

void ScanWalk::end_value(const Value& value) {
  expect_ = frames_.empty() ? Expect::nothing : Expect::comma_or_end;
  if (rule_ != nullptr && rule_->end != nullptr) rule_->end(state_, value);
  if (!frames_.empty() && frames_.back().is_object) go_on_behind(value);
}

/// From the end of the member before it, or else from its name: the comma behind it, if there is
/// one, then goes too.
void ScanWalk::leave_out(const Span& name) {
  const std::size_t kept = frames_.back().kept_until;
  state_.hash.leave_out(state_.body, kept != 0 ? kept : name.begin);
}

void ScanWalk::go_on_behind(const Value& value) {
  Frame& frame = frames_.back();
  if (rule_ == nullptr || !rule_->left_out) {
    frame.kept_until = value.span.end;
  } else if (frame.kept_until != 0) {
    state_.hash.resume(value.span.end);
  } else {
    frame.resumes_at_next = true;
  }
}

void ScanWalk::resume_if_due(std::size_t at) {
  Frame& frame = frames_.back();
  if (!frame.resumes_at_next) return;
  frame.resumes_at_next = false;
  state_.hash.resume(at);
}

bool ScanWalk::is_blank(std::size_t begin, std::size_t end) const {
  while (begin < end && is_space(state_.body[begin])) ++begin;
  return begin == end;
}

}  // namespace foreword::assembler
