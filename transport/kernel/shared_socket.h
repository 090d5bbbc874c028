#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>

#include "transport/kernel/kernel_environment.h"
#include "transport/kernel/sctp_socket.h"

namespace mayfly {

// A one-to-many socket with the associations on it: reads it for all of them and gives each what is
// its own. Lives as long as its listener, if it has one, or any association on it, whichever is
// last: hence the shared pointers.
class SharedSocket : public std::enable_shared_from_this<SharedSocket> {
 public:
  // An association on the socket. May leave, and be destroyed, in any call.
  class Member {
   public:
    virtual ~Member() = default;
    virtual void take_in(const SctpRead& read) = 0;
    // Nothing more comes for now. The owner may be gone afterwards.
    virtual void end_round() = 0;
  };
  // Called for each association that came up, before anything else of it is read; it joins, or it
  // is ended at once.
  using OnNewcomer = std::function<void(AssociationId)>;

  // On a socket that has the settings, is bound and listens.
  SharedSocket(const KernelEnvironment& environment, SctpSocket socket);
  SharedSocket(const SharedSocket&) = delete;
  SharedSocket& operator=(const SharedSocket&) = delete;

  // Begins to read. Who comes while there is no function is turned away: nobody would hold it, and
  // the kernel takes in any number.
  void set_on_newcomer(OnNewcomer on_newcomer);
  // No newcomers any more; the port is free for another.
  void stop_listening();

  [[nodiscard]] const std::shared_ptr<SctpSocket>& socket() const { return socket_; }
  void join(AssociationId id, Member& member) { members_[id] = &member; }
  void leave(AssociationId id) { members_.erase(id); }

 private:
  void on_readable();
  void read_round();
  void pass_on(const SctpRead& read);

  Reactor& reactor_;
  const std::shared_ptr<Bytes> read_buffer_;
  const std::shared_ptr<SctpSocket> socket_;
  OnNewcomer on_newcomer_;
  std::map<AssociationId, Member*> members_;
  std::set<AssociationId> busy_;  // for whom this round brought something
  std::unique_ptr<Reactor::Watch> watch_;
};

}  // namespace mayfly
