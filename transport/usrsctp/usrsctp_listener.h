#pragma once

#include <deque>
#include <memory>

#include "transport/transport.h"
#include "transport/usrsctp/usrsctp_association.h"
#include "transport/usrsctp/usrsctp_endpoint.h"

namespace mayfly {

// Welcomes associations on one packet socket.
class UsrsctpListener final : public Listener,
                              private UsrsctpEndpoint::Welcome,
                              private UsrsctpStack::Member {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Listener>> open(
      std::shared_ptr<UsrsctpEndpoint> endpoint, uint16_t sctp_port);
  ~UsrsctpListener() override;
  UsrsctpListener(const UsrsctpListener&) = delete;
  UsrsctpListener& operator=(const UsrsctpListener&) = delete;

  void set_acceptor(Acceptor acceptor) override;
  [[nodiscard]] std::vector<IpEndpoint> local() const override { return {endpoint_->local()}; }

 private:
  UsrsctpListener(std::shared_ptr<UsrsctpEndpoint> endpoint,
                  std::shared_ptr<UsrsctpListeningSocket> socket, uint16_t sctp_port);

  [[nodiscard]] UsrsctpListeningSocket& listening_socket() override { return *socket_; }
  void on_established(UsrsctpSocket socket, std::unique_ptr<UsrsctpPath> path) override;
  void on_round(Timestamp now) override;
  void on_tick(Timestamp /*now*/) override {}

  std::shared_ptr<UsrsctpEndpoint> endpoint_;
  std::shared_ptr<UsrsctpListeningSocket> socket_;
  UsrsctpStack::MemberId member_;
  Acceptor acceptor_;
  std::deque<std::unique_ptr<UsrsctpAssociation>> established_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace mayfly
