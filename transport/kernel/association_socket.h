#pragma once

#include <netinet/in.h>
#include <netinet/sctp.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transport/kernel/sctp_socket.h"

namespace mayfly {

// Options of an association name it, each in a member of its own.
inline void set_association(sctp_assoc_stats& value, AssociationId id) {
  value.sas_assoc_id = id.value();
}
inline void set_association(sctp_assoc_value& value, AssociationId id) {
  value.assoc_id = id.value();
}
inline void set_association(sctp_paddrinfo& value, AssociationId id) {
  value.spinfo_assoc_id = id.value();
}
inline void set_association(sctp_paddrparams& value, AssociationId id) {
  value.spp_assoc_id = id.value();
}
inline void set_association(sctp_prim& value, AssociationId id) { value.ssp_assoc_id = id.value(); }
inline void set_association(sctp_prstatus& value, AssociationId id) {
  value.sprstat_assoc_id = id.value();
}
inline void set_association(sctp_rtoinfo& value, AssociationId id) {
  value.srto_assoc_id = id.value();
}
inline void set_association(sctp_status& value, AssociationId id) {
  value.sstat_assoc_id = id.value();
}
inline void set_association(sctp_stream_value& value, AssociationId id) {
  value.assoc_id = id.value();
}

// One association of the kernel: the socket that it is on, and its name there. Either has a socket
// to itself, or shares a one-to-many socket with others.
class AssociationSocket {
 public:
  explicit AssociationSocket(SctpSocket own)
      : socket_(std::make_shared<SctpSocket>(std::move(own))) {}
  // Shared: the socket lives as long as anybody on it.
  AssociationSocket(std::shared_ptr<SctpSocket> shared, AssociationId id)
      : socket_(std::move(shared)), id_(id) {}

  [[nodiscard]] bool is_shared() const { return socket_->kind() == SctpSocket::Kind::OneToMany; }
  [[nodiscard]] AssociationId id() const { return id_; }
  // For what concerns the socket: its descriptor, its buffers.
  [[nodiscard]] SctpSocket& socket() { return *socket_; }
  [[nodiscard]] const SctpSocket& socket() const { return *socket_; }

  // Has a socket to itself from now on. Fails when the process has no descriptor left; the
  // association stays where it is then.
  [[nodiscard]] Result<void> peel_off() {
    ASSIGN_OR_RETURN(SctpSocket own, socket_->peel_off(id_));
    socket_ = std::make_shared<SctpSocket>(std::move(own));
    return {};
  }

  [[nodiscard]] std::vector<IpEndpoint> peer_addresses() const {
    return socket_->peer_addresses(id_);
  }
  [[nodiscard]] SendOutcome send(const Message& message, const SendOptions& options,
                                 uint32_t token) {
    return socket_->send(id_, message, options, token);
  }
  void shut_down() { socket_->shut_down(id_); }
  void abort(const std::string& reason) { socket_->abort(id_, reason); }

  // An option of this association at the level of SCTP; see SctpSocket::option().
  template <class T>
  [[nodiscard]] std::optional<T> option(int name, T value = {}) const {
    set_association(value, id_);
    return socket_->option(IPPROTO_SCTP, name, value);
  }
  template <class T>
  [[nodiscard]] bool set_option(int name, T value) const {
    set_association(value, id_);
    return socket_->set_option(IPPROTO_SCTP, name, value);
  }

 private:
  std::shared_ptr<SctpSocket> socket_;
  AssociationId id_;
};

}  // namespace mayfly
