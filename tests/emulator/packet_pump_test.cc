#include "emulator/packet_pump.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <map>
#include <string>
#include <vector>

#include "core/check.h"
#include "core/file_descriptor.h"
#include "netsim/simulation.h"

namespace mayfly {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

// Calls back when the test says so.
class ManualReactor final : public Reactor {
 public:
  std::unique_ptr<Watch> watch(int descriptor, std::function<void()> on_readable,
                               std::function<void()>) override {
    watched_[descriptor] = std::move(on_readable);
    return std::make_unique<ManualWatch>(*this, descriptor);
  }
  [[nodiscard]] bool is_watched(int descriptor) const { return watched_.contains(descriptor); }
  void tell_readable(int descriptor) {
    const auto call = watched_.at(descriptor);  // which may end its watch
    call();
  }

 private:
  class ManualWatch final : public Watch {
   public:
    ManualWatch(ManualReactor& reactor, int descriptor)
        : reactor_(reactor), descriptor_(descriptor) {}
    ~ManualWatch() override { reactor_.watched_.erase(descriptor_); }
    ManualWatch(const ManualWatch&) = delete;
    ManualWatch& operator=(const ManualWatch&) = delete;
    void want_writable(bool) override {}

   private:
    ManualReactor& reactor_;
    int descriptor_;
  };

  std::map<int, std::function<void()>> watched_;
};

// An end whose device keeps packets whole, as a TUN device does, and whose host is the test.
struct End {
  End() {
    std::array<int, 2> both{};
    MAYFLY_CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, both.data()) == 0);
    device = FileDescriptor(both[0]);
    host = FileDescriptor(both[1]);
  }
  void send(std::string_view packet) const {
    MAYFLY_CHECK(write(host.get(), packet.data(), packet.size()) ==
                 static_cast<ssize_t>(packet.size()));
  }
  [[nodiscard]] std::vector<std::string> received() const {
    std::vector<std::string> packets;
    std::array<char, 2000> buffer{};
    for (ssize_t bytes = 0; (bytes = read(host.get(), buffer.data(), buffer.size())) > 0;) {
      packets.emplace_back(buffer.data(), static_cast<size_t>(bytes));
    }
    return packets;
  }

  FileDescriptor device;
  FileDescriptor host;
};

class PacketPumpTest : public testing::Test {
 protected:
  void begin(const std::string& spec) {
    pump_ = std::make_unique<PacketPump>(
        near_.device.get(), far_.device.get(),
        PacketPump::links_of(parse_path_model(spec).value(), simulation_.now()), simulation_,
        simulation_, reactor_, [this](LinkDirection direction, const PacketRecord& record) {
          fates_.emplace_back(direction, record.fate);
        });
  }

  Simulation simulation_;
  ManualReactor reactor_;
  End near_;
  End far_;
  std::vector<std::pair<LinkDirection, PacketFate>> fates_;
  std::unique_ptr<PacketPump> pump_;
};

TEST_F(PacketPumpTest, CarriesEachDirectionByItsOwnLink) {
  begin("up.delay=20ms,down.delay=30ms");
  near_.send("up");
  far_.send("down");

  reactor_.tell_readable(near_.device.get());
  reactor_.tell_readable(far_.device.get());

  simulation_.run_for(20ms);
  EXPECT_THAT(far_.received(), ElementsAre("up"));
  EXPECT_THAT(near_.received(), IsEmpty());
  simulation_.run_for(10ms);
  EXPECT_THAT(near_.received(), ElementsAre("down"));
}

TEST_F(PacketPumpTest, PassesPacketsAtOnceOnAPerfectLink) {
  begin("");
  near_.send("first");
  near_.send("second");

  reactor_.tell_readable(near_.device.get());

  EXPECT_THAT(far_.received(), ElementsAre("first", "second"));
}

TEST_F(PacketPumpTest, AnEarlierPacketOfTheOtherWayIsNotHeldUp) {
  begin("up.delay=100ms,down.delay=10ms");
  near_.send("slow");
  reactor_.tell_readable(near_.device.get());
  far_.send("fast");
  reactor_.tell_readable(far_.device.get());

  simulation_.run_for(10ms);

  EXPECT_THAT(near_.received(), ElementsAre("fast"));
  EXPECT_EQ(pump_->last_arrival(), Timestamp(1s) + 100ms);
}

// A comparison greets over a perfect link, and its channel begins with the first frame.
TEST_F(PacketPumpTest, ALinkThatChangesLeavesWhatIsUnderWayAlone) {
  begin("up.delay=50ms");
  near_.send("before");
  reactor_.tell_readable(near_.device.get());
  simulation_.run_for(10ms);

  const PathModel path = parse_path_model("up.pattern=10,up.delay=20ms").value();
  pump_->change_link(LinkDirection::Up, up_link(path, simulation_.now()));
  near_.send("lost");
  near_.send("after");
  reactor_.tell_readable(near_.device.get());

  simulation_.run_for(20ms);
  EXPECT_THAT(far_.received(), ElementsAre("after"));
  simulation_.run_for(20ms);
  EXPECT_THAT(far_.received(), ElementsAre("before"));
}

TEST_F(PacketPumpTest, TellsTheFateOfEveryPacket) {
  begin("up.pattern=01,down.rate=8kbit/s,down.queue=0ms");
  for (int i = 0; i < 2; ++i) near_.send("up");
  for (int i = 0; i < 2; ++i) far_.send("down");

  reactor_.tell_readable(near_.device.get());
  reactor_.tell_readable(far_.device.get());

  EXPECT_THAT(fates_, ElementsAre(Pair(LinkDirection::Up, PacketFate::Delivered),
                                  Pair(LinkDirection::Up, PacketFate::Lost),
                                  Pair(LinkDirection::Down, PacketFate::Delivered),
                                  Pair(LinkDirection::Down, PacketFate::QueueFull)));
  EXPECT_EQ(pump_->stats(LinkDirection::Up).lost, 1U);
  EXPECT_EQ(pump_->stats(LinkDirection::Down).queue_full, 1U);
}

TEST_F(PacketPumpTest, ALongBurstIsReadInTurns) {
  begin("");
  for (int i = 0; i < 100; ++i) near_.send(std::to_string(i));

  reactor_.tell_readable(near_.device.get());
  const size_t first_turn = far_.received().size();
  reactor_.tell_readable(near_.device.get());

  EXPECT_EQ(first_turn, 64U);
  EXPECT_EQ(far_.received().size(), 36U);
}

TEST_F(PacketPumpTest, ADeviceThatHasGoneIsNoLongerWatched) {
  begin("");
  near_.host.reset();

  reactor_.tell_readable(near_.device.get());

  EXPECT_FALSE(reactor_.is_watched(near_.device.get()));
  EXPECT_TRUE(reactor_.is_watched(far_.device.get()));
}

TEST_F(PacketPumpTest, CountsWhatTheEndDoesNotTake) {
  begin("");
  far_.device.reset();
  near_.send("nowhere");

  reactor_.tell_readable(near_.device.get());

  EXPECT_EQ(pump_->refused(), 1U);
}

}  // namespace
}  // namespace mayfly
