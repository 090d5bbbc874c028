#include "transport/usrsctp/usrsctp_listener.h"

#include <utility>

namespace mayfly {
namespace {

// Established and not yet fetched by an acceptor; more are refused.
constexpr size_t kMaxWaiting = 1024;

}  // namespace

Result<std::unique_ptr<Listener>> UsrsctpListener::open(std::shared_ptr<UsrsctpEndpoint> endpoint,
                                                        uint16_t sctp_port) {
  ASSIGN_OR_RETURN(auto socket, endpoint->stack().listening_socket(sctp_port));
  RETURN_IF_ERROR(socket->adopt(endpoint->options(), endpoint->max_packet_bytes()));
  return std::unique_ptr<Listener>(
      new UsrsctpListener(std::move(endpoint), std::move(socket), sctp_port));
}

UsrsctpListener::UsrsctpListener(std::shared_ptr<UsrsctpEndpoint> endpoint,
                                 std::shared_ptr<UsrsctpListeningSocket> socket, uint16_t sctp_port)
    : endpoint_(std::move(endpoint)),
      socket_(std::move(socket)),
      member_(endpoint_->stack().add_member(*this)) {
  endpoint_->set_welcome(this, sctp_port);
}

UsrsctpListener::~UsrsctpListener() {
  *alive_ = false;
  endpoint_->set_welcome(nullptr, 0);
  endpoint_->stack().remove_member(member_);
}

void UsrsctpListener::set_acceptor(Acceptor acceptor) {
  acceptor_ = std::move(acceptor);
  if (!established_.empty()) endpoint_->stack().wake(member_);
}

void UsrsctpListener::on_established(UsrsctpSocket socket, std::unique_ptr<UsrsctpPath> path) {
  auto association = UsrsctpAssociation::accepted(std::move(socket), std::move(path));
  if (established_.size() >= kMaxWaiting) return;  // destroyed, and so aborted
  established_.push_back(std::move(association));
  endpoint_->stack().wake(member_);
}

void UsrsctpListener::on_round(Timestamp /*now*/) {
  const auto alive = alive_;
  while (*alive && acceptor_ && !established_.empty()) {
    auto association = std::move(established_.front());
    established_.pop_front();
    const Acceptor acceptor = acceptor_;  // it may replace itself, or destroy the listener
    acceptor(std::move(association));
  }
}

}  // namespace mayfly
