#pragma once

#include <optional>
#include <span>

#include "core/bytes.h"
#include "core/units.h"
#include "transport/sctp/packet/packet_view.h"

namespace mayfly::sctp {

// What is answered to a packet that belongs to no association and wants none (RFC 9260 8.4), in
// `memory`: most often an ABORT that reflects its tag; nothing where an answer could begin a loop.
[[nodiscard]] std::optional<ByteView> answer_out_of_the_blue(const PacketView& packet,
                                                             std::span<std::byte> memory);

// The ABORT that refuses an INIT, with these causes (RFC 9260 8.5.1 A).
[[nodiscard]] ByteView refuse_init(const PacketView& packet, VerificationTag initiate_tag,
                                   ByteView causes, std::span<std::byte> memory);

// Bounds the answers to strangers, who may lie about where they are: so many a second, and as many
// at once.
class ReplyRation {
 public:
  explicit ReplyRation(uint32_t per_second) : interval_(1'000'000 / per_second) {}

  [[nodiscard]] bool take(Timestamp now) {
    if (next_ < now - Duration(1s)) next_ = now - Duration(1s);
    if (next_ > now) return false;
    next_ += interval_;
    return true;
  }

 private:
  Duration interval_;
  Timestamp next_{};
};

}  // namespace mayfly::sctp
