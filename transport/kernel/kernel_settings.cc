#include "transport/kernel/kernel_settings.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/sctp.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "core/quantity.h"
#include "transport/kernel/socket_settings.h"

namespace mayfly {
namespace {

// One line of kernel_settings(): how to read it from a socket, and Linux 6.1's own where there is
// none to read from.
struct SettingRow {
  const char* name;
  std::string (*read)(const SctpSocket& socket);
  std::string wanted;
  const char* linux_default;
  std::string reason;
};

std::string as_milliseconds(uint32_t value) { return to_text(std::chrono::milliseconds(value)); }

std::optional<sctp_rtoinfo> rto_of(const SctpSocket& socket) {
  return socket.option<sctp_rtoinfo>(IPPROTO_SCTP, SCTP_RTOINFO);
}
std::optional<sctp_paddrparams> path_of(const SctpSocket& socket) {
  return socket.option<sctp_paddrparams>(IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS);
}
std::optional<sctp_initmsg> init_of(const SctpSocket& socket) {
  return socket.option<sctp_initmsg>(IPPROTO_SCTP, SCTP_INITMSG);
}
std::string sack_text(uint32_t delay, uint32_t frequency) {
  // The kernel reports a delay of zero as no delayed SACK at all, with frequency 1.
  if (frequency == 1 || delay == 0) return "every packet";
  return fmt::format("every {} packets, at most {} late", frequency, as_milliseconds(delay));
}
std::string scheduler_text(uint32_t scheduler) {
  switch (scheduler) {
    case SCTP_SS_FCFS: return "first come, first served";
    case SCTP_SS_PRIO: return "by priority";
    case SCTP_SS_RR: return "round robin";
    default: return std::to_string(scheduler);
  }
}
template <class T, class Text>
std::string text_of(const std::optional<T>& value, Text text) {
  return value ? text(*value) : std::string("not told");
}

std::vector<SettingRow> timer_rows(const TransportOptions& options) {
  return {
      {"SCTP_RTOINFO srto_initial",
       [](const SctpSocket& socket) {
         return text_of(rto_of(socket),
                        [](const auto& v) { return as_milliseconds(v.srto_initial); });
       },
       to_text(options.rto_initial), "3s", "a lost handshake packet costs this much"},
      {"SCTP_RTOINFO srto_min",
       [](const SctpSocket& socket) {
         return text_of(rto_of(socket), [](const auto& v) { return as_milliseconds(v.srto_min); });
       },
       to_text(options.rto_min), "1s",
       "every lost tail freezes the picture for at least this long"},
      {"SCTP_RTOINFO srto_max",
       [](const SctpSocket& socket) {
         return text_of(rto_of(socket), [](const auto& v) { return as_milliseconds(v.srto_max); });
       },
       to_text(rto_max_of_new_associations(options)), "60s",
       fmt::format("a fifth of what a shutdown may take; {} once the association is up, because "
                   "abandoning the message that measured the RTT freezes the backed-off timer",
                   to_text(options.rto_max))},
      {"SCTP_ASSOCINFO sasoc_asocmaxrxt",
       [](const SctpSocket& socket) {
         return text_of(socket.option<sctp_assocparams>(IPPROTO_SCTP, SCTP_ASSOCINFO),
                        [](const auto& v) { return std::to_string(v.sasoc_asocmaxrxt); });
       },
       std::to_string(options.max_retransmissions), "10",
       "times srto_max is how long a dead peer goes unnoticed, and an outage is survived"},
      {"SCTP_PEER_ADDR_PARAMS spp_pathmaxrxt",
       [](const SctpSocket& socket) {
         return text_of(path_of(socket),
                        [](const auto& v) { return std::to_string(v.spp_pathmaxrxt); });
       },
       std::to_string(options.path_max_retransmissions), "5",
       "the same for one path; 2 where there are several"},
      {"SCTP_PEER_ADDR_PARAMS spp_hbinterval",
       [](const SctpSocket& socket) {
         return text_of(path_of(socket),
                        [](const auto& v) { return as_milliseconds(v.spp_hbinterval); });
       },
       to_text(options.heartbeat_interval), "30s",
       "an idle path that fails is noticed; on a busy one a heartbeat is demanded as "
       "well, which keeps the RTT measured"},
      {"SCTP_INITMSG sinit_max_attempts",
       [](const SctpSocket& socket) {
         return text_of(init_of(socket),
                        [](const auto& v) { return std::to_string(v.sinit_max_attempts); });
       },
       std::to_string(options.max_init_attempts), "0",
       "how soon an unreachable server is reported"},
      {"SCTP_INITMSG sinit_num_ostreams",
       [](const SctpSocket& socket) {
         return text_of(init_of(socket),
                        [](const auto& v) { return std::to_string(v.sinit_num_ostreams); });
       },
       std::to_string(options.streams), "10",
       "one for control and one for each class of each track"},
  };
}

std::vector<SettingRow> sending_rows(const TransportOptions& options) {
  return {
      {"SCTP_NODELAY",
       [](const SctpSocket& socket) {
         return text_of(socket.option<int>(IPPROTO_SCTP, SCTP_NODELAY),
                        [](int v) { return std::string(v != 0 ? "on" : "off"); });
       },
       options.no_delay ? "on" : "off", "off",
       "Nagle's algorithm holds back the last piece of a frame"},
      {"SCTP_DELAYED_SACK",
       [](const SctpSocket& socket) {
         return text_of(socket.option<sctp_sack_info>(IPPROTO_SCTP, SCTP_DELAYED_SACK),
                        [](const auto& v) { return sack_text(v.sack_delay, v.sack_freq); });
       },
       sack_text(static_cast<uint32_t>(options.sack_delay / 1ms), options.sack_frequency),
       "every 2 packets, at most 200ms late", "a late SACK costs the sender a recovery round"},
      {"SCTP_MAX_BURST",
       [](const SctpSocket& socket) {
         return text_of(socket.option<sctp_assoc_value>(IPPROTO_SCTP, SCTP_MAX_BURST),
                        [](const auto& v) { return std::to_string(v.assoc_value); });
       },
       std::to_string(options.max_burst), "4",
       "packets at once; few spread an I frame over several RTT"},
      {"SCTP_STREAM_SCHEDULER",
       [](const SctpSocket& socket) {
         return text_of(socket.option<sctp_assoc_value>(IPPROTO_SCTP, SCTP_STREAM_SCHEDULER),
                        [](const auto& v) { return scheduler_text(v.assoc_value); });
       },
       "by priority", "first come, first served",
       "I frames go before what waits of P and B frames"},
      {"SO_SNDBUF",
       [](const SctpSocket& socket) {
         return text_of(socket.option<int>(SOL_SOCKET, SO_SNDBUF),
                        [](int v) { return data_size_text(static_cast<size_t>(v)); });
       },
       data_size_text(2 * kernel_send_buffer_bytes(options)), "212992B",
       "the largest message; bounded by net.core.wmem_max for ordinary users"},
      {"SO_RCVBUF",
       [](const SctpSocket& socket) {
         return text_of(socket.option<int>(SOL_SOCKET, SO_RCVBUF),
                        [](int v) { return data_size_text(static_cast<size_t>(v)); });
       },
       data_size_text(2 * options.socket_receive_buffer_bytes), "212992B",
       "half of it is the window offered to the peer; bounded by net.core.rmem_max for ordinary "
       "users"},
  };
}

}  // namespace

std::vector<TransportSetting> kernel_settings(const TransportOptions& options) {
  std::vector<SettingRow> rows = timer_rows(options);
  for (SettingRow& row : sending_rows(options)) rows.push_back(std::move(row));

  const auto untouched = SctpSocket::open(IpEndpoint::Family::V4);
  const auto ours = SctpSocket::open(IpEndpoint::Family::V4);
  const bool readable = untouched && ours && apply_settings(*ours, options, {});
  std::vector<TransportSetting> settings;
  for (const SettingRow& row : rows) {
    settings.push_back({row.name, readable ? row.read(*ours) : row.wanted,
                        readable ? row.read(*untouched) : row.linux_default, row.reason});
  }
  return settings;
}

}  // namespace mayfly
