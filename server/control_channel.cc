#include "server/control_channel.h"

#include <utility>

namespace mayfly {

Result<void> ControlChannel::send(const wire::ControlMessage& message) {
  send_waiting();
  Bytes bytes = wire::serialize(message);
  if (waiting_.empty()) {
    const auto sent = send_now(bytes);
    if (sent || sent.error().code != ErrorCode::Exhausted) return sent;
  }
  if (waiting_.size() >= most_waiting_) {
    return failure(ErrorCode::Exhausted, "the player does not read what it is sent");
  }
  waiting_.push_back(std::move(bytes));
  return {};
}

void ControlChannel::send_waiting() {
  while (!waiting_.empty()) {
    const auto sent = send_now(waiting_.front());
    if (!sent && sent.error().code == ErrorCode::Exhausted) return;
    waiting_.pop_front();
  }
}

Result<void> ControlChannel::send_now(const Bytes& message) {
  return association_.send({wire::kControlStream, wire::kControlPpid, message}, {});
}

}  // namespace mayfly
