#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/frame.h"
#include "core/track.h"
#include "demux/synthetic_source.h"
#include "netsim/simulation.h"
#include "transport/association.h"
#include "wire/control.h"
#include "wire/frame_piece.h"

namespace mayfly {

// The other side of a client session, as far as a test wants it to behave: it greets, plays a
// synthetic clip at its pace, and tells fates; or does what no server should. Its I frames are
// reliable, the others live for `lifetime`.
class ScriptedServer final : private Association::Observer {
 public:
  struct Script {
    SyntheticShape shape{};
    std::optional<Duration> lifetime = 300ms;  // of P, B and audio; none: reliable as well
    uint32_t version = wire::kProtocolVersion;
    bool greets = true;
    bool plays = true;  // answers Play
    bool tells_end = true;
    std::optional<wire::Refused> refuses{};  // Play, for this reason
    std::optional<wire::Bye> answers_hello_with_bye{};
    Duration clock_ahead = 7s;  // of the player's session clock
    uint32_t turns = 1;         // how often the clip plays when it is to loop
  };

  ScriptedServer(Simulation& simulation, std::unique_ptr<Association> association, Script script);
  ~ScriptedServer() override;

  void send(const wire::ControlMessage& message);
  void send_raw(Ppid ppid, ByteView bytes, StreamId stream = wire::kControlStream);
  // In good order, or at once.
  void shutdown() { association_->shutdown(); }
  void abort(const std::string& reason) { association_->abort(reason); }

  // Of the kind, in the order they came.
  template <class Heard>
  [[nodiscard]] std::vector<Heard> heard() const {
    std::vector<Heard> those;
    for (const auto& each : heard_) {
      if (const auto* const message = std::get_if<Heard>(&each)) those.push_back(*message);
    }
    return those;
  }
  [[nodiscard]] std::optional<Error> closed() const { return closed_; }
  // Told as due, over all epochs.
  [[nodiscard]] uint64_t frames_due() const { return frames_due_; }
  [[nodiscard]] wire::Epoch epoch() const { return epoch_; }

 private:
  struct Sent {
    wire::Epoch epoch;
    wire::FrameFate fate;
    bool told = false;
  };

  void on_connected() override {}
  void on_message(Message message) override;
  void on_message_abandoned(MessageId id, Abandonment what) override;
  void on_send_buffer_low() override {}
  void on_closed(const Error& reason) override;

  void begin_epoch(MediaTime position, Timestamp start);
  void send_next_frame();
  void schedule_next_frame();
  void tell_fates();
  void end_clip();
  [[nodiscard]] Duration server_time() const;

  Simulation& simulation_;
  std::unique_ptr<Association> association_;
  Script script_;
  SyntheticSource source_;
  Timestamp began_;
  std::vector<wire::ControlMessage> heard_;
  std::optional<Error> closed_;

  wire::Play asked_;
  wire::Epoch epoch_{255};
  bool is_playing_ = false;
  Timestamp epoch_start_;
  MediaTime first_dts_{};
  Duration paused_for_{};
  std::optional<Timestamp> paused_at_;
  std::optional<Frame> next_frame_;
  std::map<TrackId, uint32_t> counts_;
  uint32_t turns_left_ = 0;
  uint64_t frames_due_ = 0;
  std::map<uint64_t, Sent> sent_;  // by message id
  uint64_t next_id_ = 1;
  std::optional<std::pair<Duration, Duration>> last_report_;  // sent, received
  std::unique_ptr<Timer> frame_timer_;
  std::unique_ptr<Timer> report_timer_;
};

}  // namespace mayfly
