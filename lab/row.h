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

enum class SctpStack : uint8_t { Usrsctp, Engine, Kernel };

// What a row runs on: virtual time and a simulated network, or the wall clock and real sockets over
// an emulated link.
enum class Engine : uint8_t { Virtual, Real };
[[nodiscard]] const char* to_string(Engine engine);

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
  enum class Kind : uint8_t {
    TcpCubic,
    TcpBbr,
    Udp,
    SctpReliable,
    SctpPrioStock,
    SctpPrio,
    SctpEngine,
    Srt,
    SctpKernel,
  };

  Kind kind;
  std::string name;                // "sctp-prio"
  std::string congestion_control;  // what kept it from sending
  std::string settings;            // in a sentence, what is not as the stack comes
  // Packets per acknowledgement, where loss-based congestion control bounds the rate.
  std::optional<int> packets_per_ack;
  Engine engine = Engine::Virtual;
  std::string obstacle{};  // why it cannot run on this machine; empty: it can

  [[nodiscard]] bool is_sctp() const {
    return kind != Kind::Udp && kind != Kind::TcpCubic && kind != Kind::TcpBbr && kind != Kind::Srt;
  }
};

// The row that others of the same engine are compared with.
inline constexpr std::string_view kReferenceRow = "sctp-prio";

// Those that the engine can run. What lives in the kernel or keeps a clock of its own is real only.
[[nodiscard]] const std::vector<Row>& known_rows(Engine engine = Engine::Virtual);
// "all", or names separated by commas: on each of the engines in turn, as far as it has them. Fails
// with InvalidArgument and a sentence that names those there are, or the engine that one needs.
[[nodiscard]] Result<std::vector<Row>> parse_rows(std::string_view text,
                                                  const std::vector<Engine>& engines = {
                                                      Engine::Virtual});
// Of the SCTP kinds only. Lifetimes follow from the cell's deadline.
[[nodiscard]] SctpSettings sctp_settings_of(const Row& row, const Cell& cell);

}  // namespace mayfly
