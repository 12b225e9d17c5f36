#include "proxy/message_reader.h"

namespace foreword::proxy {

template <bool is_request>
Task<ReadStatus> MessageReader<is_request>::receive() {
  if (!buffer_.holds_block()) {
    const auto error = co_await transport_.wait_readable();
    if (error) co_return transport_.timed_out() ? ReadStatus::timed_out : ReadStatus::cut;
    const auto here = transport_.read_now(buffer_.room());
    if (here.error != asio::error::would_block) co_return received(here);
  }
  const auto room = buffer_.room();
  const auto result = co_await transport_.read_some(room);
  co_return received(result);
}

template <bool is_request>
Task<ReadStatus> MessageReader<is_request>::receive_soon() {
  if (!buffer_.holds_block() && !pool_.has_spare()) {
    const auto status = co_await receive();
    co_return status;
  }
  auto room = buffer_.room();
  if (is_request && room.size() == kBlockBytes) {
    room = asio::buffer(room, config::limits::kFirstReadBytes);
  }
  const auto result = co_await transport_.read_soon(room);
  if (result.error != asio::error::would_block) co_return received(result);
  buffer_.release_if_possible();
  const auto status = co_await receive();
  co_return status;
}

template <bool is_request>
ReadStatus MessageReader<is_request>::received(const IoResult& result) {
  buffer_.received(result.bytes);
  if (!result.error) return result.bytes > 0 ? ReadStatus::ok : ReadStatus::cut;
  if (transport_.timed_out()) return ReadStatus::timed_out;
  // Without a length, only a proper end of the connection ends a message; a reset or a TLS stream
  // that was cut does not.
  return result.error == asio::error::eof ? ReadStatus::closed : ReadStatus::cut;
}

template <bool is_request>
Task<ReadStatus> MessageReader<is_request>::wait_for_message() {
  buffer_.start_message();
  while (!buffer_.has_unread()) {
    const auto status = co_await receive_soon();
    if (status != ReadStatus::ok) {
      co_return status == ReadStatus::timed_out ? status : ReadStatus::closed;
    }
  }
  co_return ReadStatus::ok;
}

template <bool is_request>
std::optional<ReadStatus> MessageReader<is_request>::head_now(bool body_follows) {
  buffer_.start_head(body_follows);
  return buffer_.parse_head();
}

template <bool is_request>
Task<ReadStatus> MessageReader<is_request>::rest_of_head() {
  for (;;) {
    const auto status = co_await receive_soon();
    if (status == ReadStatus::closed && buffer_.has_unread()) co_return ReadStatus::cut;
    if (status != ReadStatus::ok) co_return status;
    if (const auto parsed = buffer_.parse_head()) co_return *parsed;
  }
}

template <bool is_request>
Task<ReadStatus> MessageReader<is_request>::read_body() {
  if (const auto parsed = buffer_.parse_body()) co_return *parsed;
  const auto status = co_await receive();
  if (status == ReadStatus::closed) co_return buffer_.end_body();
  if (status != ReadStatus::ok) co_return status;
  co_return buffer_.parse_body().value_or(ReadStatus::ok);
}

template class MessageReader<true>;
template class MessageReader<false>;

}  // namespace foreword::proxy
