#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "lab/clip_trace.h"
#include "lab/delivery_log.h"
#include "lab/real/real_network.h"
#include "lab/row.h"

namespace mayfly {

// A sender and a receiver with real sockets at the ends of a network, for what has no session of
// mayfly's: told when to send what, it tells when a frame has come.
class RealRoute {
 public:
  // A whole frame is at the player, at this time.
  using OnFrame = std::function<void(size_t frame, Timestamp at)>;

  virtual ~RealRoute() = default;
  // When its pieces are to be sent, ascending, from the start of the playout.
  [[nodiscard]] virtual const std::vector<Duration>& schedule() const = 0;
  // Whether both ends have met.
  [[nodiscard]] virtual bool is_connected() = 0;
  virtual void send(size_t piece) = 0;
  // Why it is broken; empty: it is not.
  [[nodiscard]] virtual std::string problem() const = 0;
  // How long after the last deadline something may still come.
  [[nodiscard]] virtual Duration afterwards() const = 0;
  // What only the sender knows, at the end.
  virtual void complete(DeliveryLog& log) = 0;
};

// All of it must outlive the route.
struct RouteStage {
  EventLoop& loop;
  const RealNetwork& network;
  const ClipTrace& clip;
  const Cell& cell;
};

// With TCP's congestion control pinned at the sender: "cubic", "bbr". Frames behind their length.
[[nodiscard]] Result<std::unique_ptr<RealRoute>> make_tcp_route(const RouteStage& stage,
                                                                std::string congestion_control,
                                                                RealRoute::OnFrame on_frame);
// RTP packets, each sent once, over the time of a picture.
[[nodiscard]] Result<std::unique_ptr<RealRoute>> make_udp_route(const RouteStage& stage,
                                                                RealRoute::OnFrame on_frame);
// The same packets when their frame is due, in messages of SRT's live mode.
[[nodiscard]] Result<std::unique_ptr<RealRoute>> make_srt_route(const RouteStage& stage,
                                                                RealRoute::OnFrame on_frame);

// Whether this kernel has the congestion control for a TCP socket of the process; fails with
// Unsupported and the mend.
[[nodiscard]] Result<void> tcp_has(const std::string& congestion_control);

}  // namespace mayfly
