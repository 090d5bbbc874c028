#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/timer.h"
#include "netsim/simulation.h"
#include "transport/association.h"
#include "transport/transport.h"
#include "wire/control.h"
#include "wire/frame_piece.h"

namespace mayfly {

// A player as far as a server can tell: speaks the protocol, puts frames together and writes down
// what it hears. Shows nothing and judges nothing.
class ServedPlayer final : public Association::Observer {
 public:
  struct Received {
    wire::FrameDescription description;
    Bytes bytes;
    size_t missing = 0;  // bytes
    Timestamp complete_at{};
    [[nodiscard]] bool is_whole() const { return missing == 0 && complete_at != Timestamp{}; }
  };
  using FrameKey = std::pair<TrackId, FrameNumber>;

  // Says Hello with `version` as soon as it is connected.
  ServedPlayer(Simulation& simulation, Transport& transport, const TransportAddress& server,
               uint32_t version = wire::kProtocolVersion);

  void say(const wire::ControlMessage& message);
  void say_bytes(Bytes bytes, StreamId stream = wire::kControlStream);
  void play(const std::string& clip, Duration playout_delay = 500ms, MediaTime position = {},
            bool loop = false);
  void set_reporting(bool reporting) { reporting_ = reporting; }
  void leave() { association_.reset(); }
  [[nodiscard]] Association& association() { return *association_; }

  // Everything of one kind that was heard, in order.
  template <class Kind>
  [[nodiscard]] std::vector<Kind> heard() const {
    std::vector<Kind> all;
    for (const wire::ControlMessage& each : messages_) {
      if (const auto* kind = std::get_if<Kind>(&each)) all.push_back(*kind);
    }
    return all;
  }
  template <class Kind>
  [[nodiscard]] Kind last() const {
    const auto all = heard<Kind>();
    return all.empty() ? Kind{} : all.back();
  }
  [[nodiscard]] const std::optional<Error>& closed() const { return closed_; }

  [[nodiscard]] const std::map<FrameKey, Received>& frames(wire::Epoch epoch) {
    return frames_[epoch];
  }
  [[nodiscard]] size_t whole_frames(wire::Epoch epoch, FrameClass frame_class) const;
  // The fate told last for every frame of the epoch, and how often each was told.
  [[nodiscard]] const std::map<FrameKey, wire::FrameFate>& fates(wire::Epoch epoch) {
    return fates_[epoch];
  }
  [[nodiscard]] size_t fates(wire::Epoch epoch, FrameClass frame_class,
                             wire::SenderFate fate) const;
  [[nodiscard]] size_t retold_fates() const { return retold_; }
  // When the frame was complete, on the server's session clock as far as the tests' single clock
  // goes: from the moment the association was up.
  [[nodiscard]] Duration longest_delay(wire::Epoch epoch) const;

 private:
  void on_connected() override;
  void on_message(Message message) override;
  void on_message_abandoned(MessageId, Abandonment) override {}
  void on_send_buffer_low() override {}
  void on_closed(const Error& reason) override;

  void take_in(const wire::FramePiece& piece);
  void take_in(const wire::SenderReport& report);
  void report();

  Simulation& simulation_;
  const uint32_t version_;
  std::unique_ptr<Association> association_;
  std::unique_ptr<Timer> report_timer_;
  bool reporting_ = true;
  Timestamp connected_at_{};
  wire::Epoch epoch_;
  std::vector<wire::ControlMessage> messages_;
  std::map<wire::Epoch, std::map<FrameKey, Received>> frames_;
  std::map<wire::Epoch, std::map<FrameKey, wire::FrameFate>> fates_;
  size_t retold_ = 0;
  std::optional<Error> closed_;
};

}  // namespace mayfly
