#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/result.h"
#include "core/timer.h"
#include "transport/usrsctp/usrsctp_settings.h"
#include "transport/usrsctp/usrsctp_socket.h"

namespace mayfly {

// The usrsctp library in this process: one at a time, as its state is the process's. It has no
// threads of ours (usrsctp_init_nothreads) and no sockets of the system: packets come in through
// input(), go out through PacketRoute, and a timer of 10 ms moves its clock, all on the loop's
// thread. Ends of both sides may live on one stack, as in a simulation.
//
// Must outlive every transport, listener and association on it.
class UsrsctpStack {
 public:
  // Where packets to one AF_CONN address go.
  class PacketRoute {
   public:
    virtual ~PacketRoute() = default;
    // Called from inside the stack: must not call back into it.
    virtual void transmit(ByteView packet) = 0;
  };
  // Who takes part in the stack's rounds: an association or a listener.
  class Member {
   public:
    virtual ~Member() = default;
    // From the loop, after a wake(): may call observers, which may destroy any member.
    virtual void on_round(Timestamp now) = 0;
    // Every 10 ms: must not destroy members.
    virtual void on_tick(Timestamp now) = 0;
  };
  using MemberId = uint64_t;

  UsrsctpStack(const Clock& clock, TimerFactory& timers, Executor& executor,
               UsrsctpTuning tuning = UsrsctpTuning::Media);
  ~UsrsctpStack();
  UsrsctpStack(const UsrsctpStack&) = delete;
  UsrsctpStack& operator=(const UsrsctpStack&) = delete;

  // An address of the stack that nobody else has, whose packets `route` sends until the address is
  // removed.
  [[nodiscard]] UsrsctpAddress add_address(PacketRoute& route);
  void remove_address(UsrsctpAddress address);
  // A packet that came from the address's other side. Never from inside transmit().
  void input(UsrsctpAddress address, ByteView packet);

  [[nodiscard]] MemberId add_member(Member& member);
  void remove_member(MemberId id);
  // Calls the member's on_round() soon, from the loop.
  void wake(MemberId id);
  // Wakes the member whenever the stack has something for the socket. Ends with the socket.
  void wake_on_events(RawSocket& socket, MemberId id);

  // The socket that listens on an SCTP port, on all addresses: shared by whoever listens on it on
  // any packet socket, and closed with the last of them.
  [[nodiscard]] Result<std::shared_ptr<UsrsctpListeningSocket>> listening_socket(uint16_t port);

  [[nodiscard]] Timestamp now() const { return clock_.now(); }
  // CRC32c of a whole packet whose checksum field is zero, in host order.
  [[nodiscard]] static uint32_t checksum_of(const Bytes& packet);
  // Whether a packet's checksum holds.
  [[nodiscard]] static bool is_intact(ByteView packet);

 private:
  static int on_output(void* address, void* buffer, size_t length, uint8_t tos, uint8_t set_df);
  static void on_upcall(RawSocket* socket, void* member, int flags);
  void tick();
  void advance(Timestamp now);
  void round();

  const Clock& clock_;
  Executor& executor_;
  std::unique_ptr<Timer> ticker_;
  Timestamp ticked_;
  UsrsctpAddress next_address_ = 1;
  std::deque<UsrsctpAddress> free_addresses_;
  std::map<UsrsctpAddress, PacketRoute*> routes_;
  MemberId next_member_ = 1;
  std::map<MemberId, Member*> members_;
  std::set<MemberId> awake_;
  std::map<uint16_t, std::weak_ptr<UsrsctpListeningSocket>> listening_;
  bool round_posted_ = false;
  // Work that was posted may run after the stack is gone.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace mayfly
