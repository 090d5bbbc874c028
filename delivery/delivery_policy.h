#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/frame.h"
#include "core/ids.h"
#include "core/result.h"
#include "core/units.h"

namespace mayfly {

// How long a message of a class may live.
struct Forever {  // reliable
  friend bool operator==(const Forever&, const Forever&) = default;
};
struct UntilDeadline {  // "auto": until it could no longer be shown, less the way there
  friend bool operator==(const UntilDeadline&, const UntilDeadline&) = default;
};
struct Retransmissions {  // RFC 7496 3.1; 0: sent once
  uint32_t limit = 0;
  friend bool operator==(const Retransmissions&, const Retransmissions&) = default;
};
// RFC 7496 3.2: as long as it takes, unless the send buffer is full: then the largest value is
// given up first, to make room for smaller ones and for what has none.
struct DiscardPriority {
  uint16_t value = 0;
  friend bool operator==(const DiscardPriority&, const DiscardPriority&) = default;
};
using Lifetime = std::variant<Forever, UntilDeadline, Duration, Retransmissions, DiscardPriority>;

// As written in the config and on the command line: "forever", "auto", "100ms", "0
// retransmissions", "discard priority 3".
[[nodiscard]] Result<Lifetime> parse_lifetime(std::string_view text);
[[nodiscard]] std::string to_text(const Lifetime& lifetime);

// Whether a frame travels as one message or as pieces that fit one DATA chunk each.
enum class MessageForm : uint8_t { Pieces, Frame };
[[nodiscard]] std::string_view to_string(MessageForm form);  // "pieces", "frame"

// How the frames of one class are sent.
struct Delivery {
  StreamId stream;
  Lifetime lifetime = Forever{};
  bool ordered = false;
  uint16_t priority = 0;  // the smaller goes first
  MessageForm message = MessageForm::Pieces;

  friend bool operator==(const Delivery&, const Delivery&) = default;
};

// The whole of what makes mayfly differ from a byte pipe, as a value: comparable, printable,
// tunable, and in every report.
struct DeliveryPolicy {
  std::string name = "custom";
  std::array<Delivery, kFrameClassCount> classes;

  [[nodiscard]] const Delivery& for_class(FrameClass frame_class) const {
    return classes[index_of(frame_class)];
  }
  [[nodiscard]] Delivery& for_class(FrameClass frame_class) {
    return classes[index_of(frame_class)];
  }
  friend bool operator==(const DeliveryPolicy&, const DeliveryPolicy&) = default;
};

// What a stream carries under a policy, for people: "control", "p", "i+p"; "-" for nothing.
[[nodiscard]] std::string name_of_stream(const DeliveryPolicy& policy, StreamId stream);

[[nodiscard]] DeliveryPolicy
prioritised();  // I reliable, P until its deadline, B 100 ms; the default
[[nodiscard]] DeliveryPolicy all_reliable();  // what TCP would do, over the same association
[[nodiscard]] DeliveryPolicy all_expiring();  // every class until its deadline
[[nodiscard]] DeliveryPolicy unreliable();    // everything sent once
[[nodiscard]] std::vector<std::string> policy_names();
[[nodiscard]] Result<DeliveryPolicy> named_policy(std::string_view name);

// What is wrong with a policy, each with its key path ("delivery.b.stream"); empty when it can be
// used.
[[nodiscard]] std::vector<Error> problems_of(const DeliveryPolicy& policy);

}  // namespace mayfly
