// What a viewer of MPEG-TS gets over bad links, over the real usrsctp stack on virtual time.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "netsim/link_model.h"
#include "netsim/simulated_network.h"
#include "netsim/virtual_time.h"
#include "tests/server/ts_world.h"
#include "tests/simulation/ts_viewer.h"
#include "transport/usrsctp/usrsctp_stack.h"
#include "transport/usrsctp/usrsctp_transport.h"

namespace mayfly {
namespace {

constexpr size_t kPictures = 500;  // 20 s
constexpr Duration kDelay = 500ms;

struct Watched {
  std::array<TsViewer::Share, kFrameClassCount> shares;
  bool is_over = false;

  [[nodiscard]] const TsViewer::Share& of(FrameClass each) const { return shares[index_of(each)]; }
};

// A clip of 1.6 Mbit/s as MPEG-TS, sent to one viewer over this link.
Watched watch(TsDelivery delivery, const std::string& link, uint64_t seed) {
  const SyntheticShape shape{.pictures = kPictures, .with_audio = true};
  const IpEndpoint server_at = IpEndpoint::v4({10, 0, 0, 1}, 9899);
  const IpEndpoint viewer_at = IpEndpoint::v4({10, 0, 0, 2}, 40'000);
  Simulation simulation;
  VirtualTime time(simulation, seed);
  SimulatedNetwork network(simulation, seed);
  network.set_path(viewer_at, server_at, parse_path_model(link).value());
  UsrsctpStack stack(simulation, simulation, simulation);
  const auto server_socket = network.bind(server_at);
  const auto viewer_socket = network.bind(viewer_at);
  UsrsctpTransport server_transport(stack, *server_socket, {});
  UsrsctpTransport viewer_transport(stack, *viewer_socket, {});

  RecordingTsObserver observer;
  std::vector<TsServer::Port> ports;
  ports.push_back({std::move(*server_transport.listen({{server_at}})),
                   Clip{"clip", {"clip", false}, std::nullopt, {}}});
  TsServerOptions options;
  options.feed.delivery = delivery;
  TsServer server(
      std::move(ports), opening_at_once([&](const MediaLocation&) {
        return Result<std::unique_ptr<MediaSource>>(std::make_unique<DressedSource>(shape));
      }),
      simulation, simulation, observer, options);
  TsViewer viewer(simulation, std::move(*viewer_transport.connect({{server_at}})), shape.pattern);
  static_cast<void>(simulation.run_until([&] { return viewer.is_over(); }, 120s));
  return {viewer.shares(kPictures, kDelay), viewer.is_over()};
}

std::string told(const Watched& watched) {
  std::string text;
  for (const FrameClass each : kFrameClasses) {
    const TsViewer::Share& share = watched.of(each);
    text += fmt::format(" {} {}/{}/{}", to_string(each), share.due, share.whole, share.in_time);
  }
  return text;
}

class TsDeliveryTest : public ::testing::TestWithParam<const char*> {};

TEST_P(TsDeliveryTest, ReliableNothingIsMissingInTheEnd) {
  for (const uint64_t seed : {1U, 2U}) {
    const Watched watched = watch(TsDelivery::Reliable, GetParam(), seed);
    EXPECT_TRUE(watched.is_over);
    for (const FrameClass each : kFrameClasses) {
      EXPECT_EQ(watched.of(each).whole, watched.of(each).due) << told(watched) << ", seed " << seed;
    }
  }
}

// I frames are reliable and nothing overtakes them, whatever else is given up.
TEST_P(TsDeliveryTest, ByClassEveryIFrameIsWhole) {
  for (const uint64_t seed : {1U, 2U, 3U}) {
    const Watched watched = watch(TsDelivery::ByClass, GetParam(), seed);
    EXPECT_TRUE(watched.is_over);
    const TsViewer::Share& intra = watched.of(FrameClass::I);
    EXPECT_EQ(intra.whole, intra.due) << told(watched) << ", seed " << seed;
  }
}

// Beside I and P frames and sound the link carries a part of the B frames only.
TEST(TsDeliveryByClassTest, WhereTheLinkIsTooSlowBFramesAreWhatIsMissing) {
  const Watched watched = watch(TsDelivery::ByClass, "delay=20ms,rate=1.5Mbit/s", 1);
  const TsViewer::Share& bidirectional = watched.of(FrameClass::B);
  const TsViewer::Share& intra = watched.of(FrameClass::I);
  EXPECT_LT(bidirectional.whole, bidirectional.due) << told(watched);
  EXPECT_EQ(intra.whole, intra.due) << told(watched);
}

INSTANTIATE_TEST_SUITE_P(Links, TsDeliveryTest,
                         ::testing::Values("delay=20ms", "loss=3%,delay=20ms",
                                           "delay=20ms,rate=1.4Mbit/s"));

}  // namespace
}  // namespace mayfly
