#include "transport/kernel/shared_socket.h"

#include <utility>

namespace mayfly {
namespace {

// Reads in one round of the loop, so that the socket does not hold up the loop's other work.
constexpr int kReadsPerRound = 128;

}  // namespace

SharedSocket::SharedSocket(const KernelEnvironment& environment, SctpSocket socket)
    : reactor_(environment.reactor),
      read_buffer_(environment.read_buffer),
      socket_(std::make_shared<SctpSocket>(std::move(socket))) {}

void SharedSocket::set_on_newcomer(OnNewcomer on_newcomer) {
  on_newcomer_ = std::move(on_newcomer);
  if (watch_) return;
  watch_ = reactor_.watch(
      socket_->descriptor(), [this] { on_readable(); }, [] {});
}

void SharedSocket::stop_listening() {
  on_newcomer_ = nullptr;
  socket_->stop_listening();
}

void SharedSocket::on_readable() {
  const auto self = shared_from_this();  // the last member may leave
  read_round();
  for (const AssociationId each : std::exchange(busy_, {})) {
    const auto member = members_.find(each);
    if (member != members_.end()) member->second->end_round();
  }
}

void SharedSocket::read_round() {
  for (int reads = 0; reads < kReadsPerRound; ++reads) {
    const SctpRead read = socket_->read(*read_buffer_);
    // An error of one association is told in its events.
    if (!std::holds_alternative<MessagePiece>(read.what) &&
        !std::holds_alternative<SctpEvent>(read.what)) {
      return;
    }
    pass_on(read);
  }
}

void SharedSocket::pass_on(const SctpRead& read) {
  const auto* event = std::get_if<SctpEvent>(&read.what);
  const bool is_up = event != nullptr && std::holds_alternative<AssociationUp>(*event);
  if (is_up && !members_.contains(read.association)) {
    // A copy, for the function may be replaced from inside.
    if (const OnNewcomer on_newcomer = on_newcomer_) on_newcomer(read.association);
    if (!members_.contains(read.association)) {
      socket_->abort(read.association, "nobody takes associations here");
      return;
    }
  }
  // Others are of associations that have left already.
  const auto member = members_.find(read.association);
  if (member == members_.end()) return;
  busy_.insert(read.association);
  member->second->take_in(read);
}

}  // namespace mayfly
