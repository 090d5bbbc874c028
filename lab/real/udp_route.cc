#include <utility>

#include "lab/real/real_route.h"
#include "lab/real/rtp_stream.h"
#include "runtime/udp_socket.h"

namespace mayfly {
namespace {

class UdpRoute final : public RealRoute {
 public:
  UdpRoute(const RouteStage& stage, OnFrame on_frame, std::unique_ptr<UdpSocket> sender,
           std::unique_ptr<UdpSocket> receiver)
      : stream_(stage.clip, Spacing::OverPicture),
        on_frame_(std::move(on_frame)),
        queue_(stage.cell.queue),
        sender_(std::move(sender)),
        receiver_(std::move(receiver)) {
    receiver_->set_receiver([this, &loop = stage.loop](const IpEndpoint&, ByteView packet) {
      if (const auto frame = stream_.take(packet)) on_frame_(*frame, loop.now());
    });
  }

  [[nodiscard]] const std::vector<Duration>& schedule() const override {
    return stream_.schedule();
  }
  [[nodiscard]] bool is_connected() override { return true; }
  void send(size_t piece) override { sender_->send(receiver_->local(), stream_.packet(piece)); }
  [[nodiscard]] std::string problem() const override { return {}; }
  // A picture's time, and what the queue can hold; nothing is sent again.
  [[nodiscard]] Duration afterwards() const override { return queue_ + 500ms; }
  void complete(DeliveryLog&) override {}

 private:
  RtpStream stream_;
  OnFrame on_frame_;
  Duration queue_;
  std::unique_ptr<UdpSocket> sender_;
  std::unique_ptr<UdpSocket> receiver_;
};

}  // namespace

Result<std::unique_ptr<RealRoute>> make_udp_route(const RouteStage& stage,
                                                  RealRoute::OnFrame on_frame) {
  std::unique_ptr<UdpSocket> sender;
  std::unique_ptr<UdpSocket> receiver;
  RETURN_IF_ERROR(stage.network.at_server([&]() -> Result<void> {
    ASSIGN_OR_RETURN(sender, UdpSocket::bind(stage.loop, stage.network.server()));
    return {};
  }));
  RETURN_IF_ERROR(stage.network.at_player([&]() -> Result<void> {
    ASSIGN_OR_RETURN(receiver, UdpSocket::bind(stage.loop, stage.network.player()));
    return {};
  }));
  return std::make_unique<UdpRoute>(stage, std::move(on_frame), std::move(sender),
                                    std::move(receiver));
}

}  // namespace mayfly
