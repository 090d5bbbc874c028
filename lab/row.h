#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/units.h"
#include "delivery/delivery_policy.h"
#include "lab/cell.h"
#include "server/frame_sender.h"
#include "transport/transport_options.h"
#include "transport/usrsctp/usrsctp_settings.h"

namespace mayfly {

enum class SctpStack : uint8_t { Usrsctp, Engine };

// How an SCTP row runs in a cell: the whole of what tells one from another.
struct SctpSettings {
  SctpStack stack = SctpStack::Usrsctp;
  UsrsctpTuning tuning = UsrsctpTuning::Media;  // of usrsctp only
  TransportOptions transport;
  DeliveryPolicy policy;
  FrameSenderOptions sender;
};

// A transport under test.
struct Row {
  enum class Kind : uint8_t { Udp, SctpReliable, SctpPrioStock, SctpPrio, SctpEngine };

  Kind kind;
  std::string name;                // "sctp-prio"
  std::string congestion_control;  // what kept it from sending
  std::string settings;            // in a sentence, what is not as the stack comes
  // Packets per acknowledgement, where loss-based congestion control bounds the rate.
  std::optional<int> packets_per_ack;
};

// The row that others are compared with.
inline constexpr std::string_view kReferenceRow = "sctp-prio";

[[nodiscard]] const std::vector<Row>& known_rows();
// "all", or names separated by commas. Fails with InvalidArgument and a sentence that names those
// there are.
[[nodiscard]] Result<std::vector<Row>> parse_rows(std::string_view text);
// Of the SCTP kinds only. Lifetimes follow from the cell's deadline.
[[nodiscard]] SctpSettings sctp_settings_of(const Row& row, const Cell& cell);

}  // namespace mayfly
