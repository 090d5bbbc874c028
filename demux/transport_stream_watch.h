#pragma once

#include <array>
#include <bitset>
#include <optional>

#include "demux/container_watch.h"

namespace mayfly {

// Watches over an MPEG transport stream (ISO/IEC 13818-1, 2.4.3): packets lie one behind the other,
// none is marked as broken, and those of each track are counted without a gap.
//
// A counter that jumps where a new unit starts is how recordings are joined, and is left alone:
// of what breaks off in the middle, the middle is missed.
class TransportStreamWatch final : public ContainerWatch {
 public:
  struct Layout {
    size_t packet = 188;  // 192 with a time stamp before each (M2TS), 204 with parity behind
    size_t lead = 0;      // bytes before the sync byte
  };
  // None when no packets stand at the beginning.
  [[nodiscard]] static std::optional<Layout> layout_of(ByteView beginning);

  TransportStreamWatch(Layout layout, const std::vector<uint16_t>& pids);

  [[nodiscard]] std::optional<std::string_view> read(ByteView bytes) override;
  [[nodiscard]] uint64_t skippable() const override { return 0; }
  void skip(uint64_t bytes) override { static_cast<void>(bytes); }
  [[nodiscard]] std::optional<std::string_view> finish() override;
  void jump() override;

 private:
  static constexpr size_t kPids = 0x2000;

  [[nodiscard]] bool synchronise(size_t& at);
  [[nodiscard]] std::optional<std::string_view> check(ByteView packet);

  Layout layout_;
  std::bitset<kPids> watched_;
  std::array<std::optional<uint8_t>, kPids> counters_{};
  bool in_step_ = false;
  Bytes pending_;  // less than a few packets
};

}  // namespace mayfly
