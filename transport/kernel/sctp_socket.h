#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/file_descriptor.h"
#include "core/result.h"
#include "transport/ip_endpoint.h"
#include "transport/kernel/association_id.h"
#include "transport/kernel/sctp_event.h"
#include "transport/message.h"
#include "transport/message_assembler.h"

namespace mayfly {

// One read from a socket that would otherwise block, has ended or has failed.
struct NothingToRead {};
struct EndOfAssociation {};
struct ReadFailed {
  int error_number = 0;
};
struct SctpRead {
  AssociationId association;  // whose piece or event it is
  std::variant<NothingToRead, MessagePiece, SctpEvent, EndOfAssociation, ReadFailed> what;
};

enum class SendOutcome : uint8_t {
  Taken,
  Full,     // the socket's send buffer
  Refused,  // this message cannot be sent on this association
  Closed,   // no message can be sent any more
};

// A non-blocking SCTP socket of the kernel. Says in our types what the system calls say in theirs,
// and decides nothing. Only a one-to-many socket looks at the association ids it is given.
class SctpSocket {
 public:
  enum class Kind : uint8_t {
    OneToOne,   // RFC 6458 4
    OneToMany,  // RFC 6458 3
    PeeledOff,  // one association that left a one-to-many socket (RFC 6458 9.2)
  };

  // Fails with Unsupported, and the mend, when the kernel has no SCTP.
  [[nodiscard]] static Result<SctpSocket> open(IpEndpoint::Family family,
                                               Kind kind = Kind::OneToOne);
  SctpSocket(FileDescriptor descriptor, IpEndpoint::Family family, Kind kind)
      : descriptor_(std::move(descriptor)), family_(family), kind_(kind) {}

  [[nodiscard]] int descriptor() const { return descriptor_.get(); }
  [[nodiscard]] IpEndpoint::Family family() const { return family_; }
  [[nodiscard]] Kind kind() const { return kind_; }

  // All endpoints with the same port; with port 0 the kernel chooses one, the same for all.
  [[nodiscard]] Result<void> bind(const std::vector<IpEndpoint>& endpoints);
  [[nodiscard]] Result<void> listen();
  // One-to-many: takes no new associations from now on; those there are stay.
  void stop_listening();
  // One-to-one: the next established association, if there is one.
  [[nodiscard]] Result<std::optional<SctpSocket>> accept();
  // One-to-many: moves an association with all that it holds and has not been read to a socket of
  // its own, which has this one's settings.
  [[nodiscard]] Result<SctpSocket> peel_off(AssociationId association);
  struct Connecting {
    int error_number = 0;  // 0: it has begun
    AssociationId association;
  };
  // Begins an association with one host at any of its addresses.
  [[nodiscard]] Connecting connect(const std::vector<IpEndpoint>& endpoints);
  [[nodiscard]] std::vector<IpEndpoint> local_addresses() const;
  [[nodiscard]] std::vector<IpEndpoint> peer_addresses(AssociationId association) const;

  // `buffer` takes the piece's bytes; views in the result point into it.
  [[nodiscard]] SctpRead read(Bytes& buffer);
  [[nodiscard]] SendOutcome send(AssociationId association, const Message& message,
                                 const SendOptions& options, uint32_t token);
  // Begins a graceful end (RFC 9260 9.2) once all that was sent is acknowledged.
  void shut_down(AssociationId association);
  // Ends the association at once and tells the peer why (RFC 9260 9.1). Linux refuses this on
  // one-to-one sockets, whose association is aborted by closing them, without a word.
  void abort(AssociationId association, const std::string& reason);

  // A socket option as the kernel keeps it; nothing when it does not have the option. `value` goes
  // in with what the option is asked for, such as an address.
  template <class T>
  [[nodiscard]] std::optional<T> option(int level, int name, T value = {}) const {
    socklen_t length = sizeof(T);
    if (getsockopt(descriptor(), level, name, &value, &length) != 0) return std::nullopt;
    return value;
  }
  template <class T>
  [[nodiscard]] bool set_option(int level, int name, const T& value) const {
    return setsockopt(descriptor(), level, name, &value, sizeof(T)) == 0;
  }

 private:
  [[nodiscard]] Result<void> bind_one(const IpEndpoint& endpoint, const std::string& called);
  void end(AssociationId association, uint16_t how, std::string_view reason);

  FileDescriptor descriptor_;
  IpEndpoint::Family family_;
  Kind kind_;
  bool inside_notification_ = false;  // the rest of a notification larger than the buffer follows
};

// The sentence for a kernel without SCTP, with the mend.
[[nodiscard]] Error kernel_without_sctp(int error_number);
// An AF_INET6 socket reaches both families; an AF_INET one only its own.
[[nodiscard]] IpEndpoint::Family family_for(const std::vector<IpEndpoint>& endpoints);

}  // namespace mayfly
