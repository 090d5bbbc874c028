#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/frame.h"
#include "netsim/simulation.h"
#include "transport/transport.h"

namespace mayfly {

// Watches a transport stream like a player without a buffer to put things in order: packets count
// in the order they come, a frame with a hole in it is none, and it is in time when its last packet
// comes within the delay after its decode time.
class TsViewer final : public Association::Observer {
 public:
  struct Share {
    size_t due = 0;
    size_t whole = 0;
    size_t in_time = 0;
  };
  // `pattern` is that of the clip: the class of each picture, in decode order, 40 ms apart.
  TsViewer(Simulation& simulation, std::unique_ptr<Association> association, std::string pattern);
  ~TsViewer() override { association_->set_observer(nullptr); }

  // Of `pictures` pictures and the sound beside them, when watched with this delay.
  [[nodiscard]] std::array<Share, kFrameClassCount> shares(size_t pictures, Duration delay) const;
  [[nodiscard]] bool is_over() const { return closed_; }

 private:
  struct Unit {  // a frame as its packets tell
    MediaTime dts{};
    Timestamp complete_at{};
    bool is_whole = true;
    // As its header says, where it does: what is still to come of it.
    std::optional<size_t> missing_bytes{};
  };
  struct Pid {
    std::optional<uint8_t> counter;
    std::vector<Unit> units;
  };

  void on_connected() override {}
  void on_message(Message message) override;
  void on_message_abandoned(MessageId, Abandonment) override {}
  void on_send_buffer_low() override {}
  void on_closed(const Error&) override { closed_ = true; }
  void take(ByteView packet);
  [[nodiscard]] static Unit begun_unit(ByteView pes);
  // There was a hole in the packets.
  static void break_last(Pid& pid);

  Simulation& simulation_;
  std::unique_ptr<Association> association_;
  const std::string pattern_;
  std::map<uint16_t, Pid> pids_;
  std::optional<Timestamp> began_;
  bool closed_ = false;
};

}  // namespace mayfly
