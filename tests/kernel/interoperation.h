#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <ostream>
#include <utility>

#include "runtime/udp_socket.h"
#include "tests/kernel/kernel_pair.h"
#include "tests/kernel/network_namespaces.h"
#include "transport/transport_options.h"
#include "transport/usrsctp/usrsctp_stack.h"

namespace mayfly {

enum class OtherStack : uint8_t { Usrsctp, Engine };

// The kernel's SCTP at one end of a cable and another stack at the other, over UDP (RFC 6951).
struct Encounter {
  OtherStack other = OtherStack::Usrsctp;
  bool kernel_listens = true;
  const char* loss = "0%";
};
void PrintTo(const Encounter& encounter, std::ostream* out);

// What the other stack puts on the cable and gets from it.
class WatchedSocket final : public PacketSocket {
 public:
  WatchedSocket(PacketSocket& socket, uint16_t watched_stream)
      : socket_(socket), watched_stream_(watched_stream) {}

  void send(const IpEndpoint& to, ByteView packet) override;
  void set_receiver(Receiver receiver) override;
  [[nodiscard]] IpEndpoint local() const override { return socket_.local(); }
  [[nodiscard]] size_t max_packet_bytes() const override { return socket_.max_packet_bytes(); }

  // ABORT chunks, in both directions.
  [[nodiscard]] size_t aborts() const { return aborts_; }
  // How often a chunk of the watched stream left, at most.
  [[nodiscard]] size_t most_sendings() const { return most_sendings_; }

 private:
  void look_at(ByteView packet, bool is_sent);

  PacketSocket& socket_;
  uint16_t watched_stream_;
  size_t aborts_ = 0;
  size_t most_sendings_ = 0;
  std::map<uint32_t, size_t> sendings_;  // by TSN
};

class InteroperationTest : public ::testing::TestWithParam<Encounter> {
 protected:
  static constexpr uint16_t kReliable = 1;  // streams
  static constexpr uint16_t kExpiring = 2;
  static constexpr uint16_t kLarge = 3;

  void SetUp() override { hosts_.impair(0, {}); }
  void TearDown() override;

  // Both ends are up afterwards.
  void connect(const TransportOptions& options = {});
  [[nodiscard]] static size_t count_on(const RecordingObserver& told, uint16_t stream);

  TwoHosts& hosts_ = TwoHosts::get();
  EventLoop loop_;
  std::unique_ptr<KernelTransport> kernel_;
  std::unique_ptr<UdpSocket> socket_;
  std::unique_ptr<WatchedSocket> watched_;
  std::unique_ptr<UsrsctpStack> usrsctp_;
  std::unique_ptr<Transport> other_;
  std::unique_ptr<Listener> listener_;
  RecordingObserver client_told_, server_told_;
  std::unique_ptr<Association> client_, server_;

 private:
  void at_kernel(const std::function<void()>& work);
  void at_other(const std::function<void()>& work);
  void make_transports(const TransportOptions& options);
};

}  // namespace mayfly
