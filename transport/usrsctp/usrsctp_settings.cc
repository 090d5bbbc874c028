#include "transport/usrsctp/usrsctp_settings.h"

#include <fmt/format.h>
#include <usrsctp.h>

#include <array>
#include <string_view>
#include <utility>

#include "core/quantity.h"
#include "transport/usrsctp/usrsctp_socket.h"

namespace mayfly {
namespace {

struct ProcessSetting {
  const char* name;
  uint32_t value;
  int (*set)(uint32_t);
  uint32_t (*get)();
  const char* reason;
};

#define MAYFLY_SETTING(field, value, reason) \
  ProcessSetting { #field, value, &usrsctp_sysctl_set_##field, &usrsctp_sysctl_get_##field, reason }

// In the order they are to be set: the burst bounds the initial window, so it is raised first.
const std::array kProcessSettings = {
    MAYFLY_SETTING(sctp_blackhole, 2, "no answer to packets that belong to no association"),
    MAYFLY_SETTING(sctp_pr_enable, 1, "messages may expire (RFC 3758)"),
    MAYFLY_SETTING(sctp_ecn_enable, 0, "the socket below does not carry the marks"),
    MAYFLY_SETTING(sctp_asconf_enable, 0, "one address per association; less to attack"),
    MAYFLY_SETTING(sctp_auto_asconf, 0, "as above"),
    MAYFLY_SETTING(sctp_auth_enable, 0, "only ASCONF needs it"),
    MAYFLY_SETTING(sctp_reconfig_enable, 0, "streams are never reset; less to attack"),
    MAYFLY_SETTING(sctp_nrsack_enable, 0, "with expiring messages it wedges associations"),
    MAYFLY_SETTING(sctp_pktdrop_enable, 0, "no router sends these reports; less to attack"),
    MAYFLY_SETTING(sctp_cmt_on_off, 0, "one path per association"),
    MAYFLY_SETTING(sctp_default_cc_module, SCTP_CC_RFC2581,
                   "none of the others does better at 2 to 10 % loss"),
    MAYFLY_SETTING(sctp_max_chunks_on_queue, 10'000, "an intra frame may have thousands of pieces"),
    MAYFLY_SETTING(sctp_max_burst_default, 10, "an I frame within one round trip"),
    MAYFLY_SETTING(sctp_use_cwnd_based_maxburst, 0,
                   "the burst limit must not cut the congestion window down after every pause"),
    MAYFLY_SETTING(sctp_initial_cwnd, 10, "as today's TCP (RFC 6928)"),
    MAYFLY_SETTING(sctp_init_rto_max_default, 500, "a lost INIT ACK must not cost seconds"),
    MAYFLY_SETTING(sctp_shutdown_guard_time_default, 180,
                   "shutdown_limit ends a shutdown; five times rto_max would be too early"),
    MAYFLY_SETTING(sctp_no_csum_on_loopback, 0, "other stacks check it"),
};

#undef MAYFLY_SETTING

// How much may be on its way, and when: what a comparison with the stack as it comes must leave
// alone. The rest are features that no session uses.
bool is_about_windows(const ProcessSetting& setting) {
  const std::string_view name = setting.name;
  return name == "sctp_default_cc_module" || name == "sctp_max_burst_default" ||
         name == "sctp_use_cwnd_based_maxburst" || name == "sctp_initial_cwnd" ||
         name == "sctp_init_rto_max_default";
}

int discard_output(void*, void*, size_t, uint8_t, uint8_t) { return 0; }

// The library for as long as one looks at it.
class BriefStack {
 public:
  BriefStack() { usrsctp_init_nothreads(0, &discard_output, nullptr); }
  ~BriefStack() {
    for (int attempt = 0; attempt < 100 && usrsctp_finish() != 0; ++attempt) {
      usrsctp_handle_timers(10);
    }
  }
  BriefStack(const BriefStack&) = delete;
  BriefStack& operator=(const BriefStack&) = delete;
};

// The values of one socket as `mayfly doctor` shows them.
class SocketReader {
 public:
  explicit SocketReader(RawSocket& socket) : socket_(socket) {}

  template <class Value>
  [[nodiscard]] Value read(int option, int level = IPPROTO_SCTP) const {
    Value value{};
    socklen_t size = sizeof value;
    (void)usrsctp_getsockopt(&socket_, level, option, &value, &size);
    return value;
  }
  [[nodiscard]] std::string number(int option, int level = IPPROTO_SCTP) const {
    return std::to_string(read<int>(option, level));
  }
  [[nodiscard]] std::string bytes(int option) const {
    return data_size_text(static_cast<size_t>(read<int>(option, SOL_SOCKET)));
  }

 private:
  RawSocket& socket_;
};

std::string milliseconds_text(uint32_t value) { return fmt::format("{}ms", value); }

using Row = std::pair<std::string, std::string>;  // name, value

std::vector<Row> values_of(RawSocket& socket) {
  const SocketReader reader(socket);
  const auto rto = reader.read<sctp_rtoinfo>(SCTP_RTOINFO);
  const auto init = reader.read<sctp_initmsg>(SCTP_INITMSG);
  const auto association = reader.read<sctp_assocparams>(SCTP_ASSOCINFO);
  const auto path = reader.read<sctp_paddrparams>(SCTP_PEER_ADDR_PARAMS);
  const auto sack = reader.read<sctp_sack_info>(SCTP_DELAYED_SACK);
  const auto burst = reader.read<sctp_assoc_value>(SCTP_MAX_BURST);
  const auto scheduler = reader.read<sctp_assoc_value>(SCTP_PLUGGABLE_SS);
  return {
      {"SCTP_RTOINFO initial", milliseconds_text(rto.srto_initial)},
      {"SCTP_RTOINFO min", milliseconds_text(rto.srto_min)},
      {"SCTP_RTOINFO max", milliseconds_text(rto.srto_max)},
      {"SCTP_INITMSG attempts", std::to_string(init.sinit_max_attempts)},
      {"SCTP_INITMSG timeout", milliseconds_text(init.sinit_max_init_timeo)},
      {"SCTP_INITMSG streams", std::to_string(init.sinit_num_ostreams)},
      {"SCTP_ASSOCINFO retransmissions", std::to_string(association.sasoc_asocmaxrxt)},
      {"SCTP_PEER_ADDR_PARAMS retransmissions", std::to_string(path.spp_pathmaxrxt)},
      {"SCTP_PEER_ADDR_PARAMS heartbeat", milliseconds_text(path.spp_hbinterval)},
      {"SCTP_PEER_ADDR_PARAMS path MTU", data_size_text(path.spp_pathmtu)},
      {"SCTP_DELAYED_SACK delay", milliseconds_text(sack.sack_delay)},
      {"SCTP_DELAYED_SACK packets", std::to_string(sack.sack_freq)},
      {"SCTP_MAX_BURST", std::to_string(burst.assoc_value)},
      {"SCTP_NODELAY", reader.number(SCTP_NODELAY)},
      {"SCTP_PLUGGABLE_SS", scheduler.assoc_value == SCTP_SS_PRIORITY ? "priority" : "round robin"},
      {"SO_SNDBUF", reader.bytes(SO_SNDBUF)},
      {"SO_RCVBUF", reader.bytes(SO_RCVBUF)},
  };
}

std::string_view reason_for(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 17> kReasons = {{
      {"SCTP_RTOINFO initial", "the handshake's first repetition"},
      {"SCTP_RTOINFO min", "a lost tail of a frame costs this much"},
      {"SCTP_RTOINFO max",
       "the initial value during the handshake, then rto_max: bounds the stall "
       "when abandoned messages stop RTT measurement"},
      {"SCTP_INITMSG attempts", "how often an INIT is repeated before the peer counts as absent"},
      {"SCTP_INITMSG timeout", "INITs are not spaced out to seconds"},
      {"SCTP_INITMSG streams", "one per frame class and some to spare; memory grows with them"},
      {"SCTP_ASSOCINFO retransmissions", "times rto_max: how long an outage may last"},
      {"SCTP_PEER_ADDR_PARAMS retransmissions", "as above, for the one path"},
      {"SCTP_PEER_ADDR_PARAMS heartbeat", "idle paths only; one on demand each second besides"},
      {"SCTP_PEER_ADDR_PARAMS path MTU", "the payload of one UDP packet; no discovery"},
      {"SCTP_DELAYED_SACK delay", "a timer tick: the stack takes no zero"},
      {"SCTP_DELAYED_SACK packets", "every packet is acknowledged at once"},
      {"SCTP_MAX_BURST", "4 would spread an I frame over several round trips"},
      {"SCTP_NODELAY", "else the last piece of a frame waits for an acknowledgement"},
      {"SCTP_PLUGGABLE_SS", "what is urgent overtakes in the stack too"},
      {"SO_SNDBUF", "holds the largest whole message; only the window and a little more is used"},
      {"SO_RCVBUF", "the peer's window"},
  }};
  for (const auto& [known, reason] : kReasons) {
    if (known == name) return reason;
  }
  return "";
}

}  // namespace

void set_usrsctp_process_settings(UsrsctpTuning tuning) {
  for (const ProcessSetting& setting : kProcessSettings) {
    if (tuning == UsrsctpTuning::Media || !is_about_windows(setting)) setting.set(setting.value);
  }
}

Result<std::vector<TransportSetting>> usrsctp_settings(const TransportOptions& options) {
  const BriefStack stack;
  std::vector<TransportSetting> settings;
  std::vector<Row> defaults;
  {
    ASSIGN_OR_RETURN(const UsrsctpSocket untouched, open_usrsctp_socket());
    defaults = values_of(*untouched);
  }
  for (const ProcessSetting& setting : kProcessSettings) {
    std::string before = std::to_string(setting.get());
    setting.set(setting.value);
    settings.push_back(
        {setting.name, std::to_string(setting.get()), std::move(before), setting.reason});
  }
  ASSIGN_OR_RETURN(const UsrsctpSocket socket, open_usrsctp_socket());
  RETURN_IF_ERROR(configure(*socket, options, options.max_packet_bytes));
  const std::vector<Row> values = values_of(*socket);
  for (size_t i = 0; i < values.size(); ++i) {
    settings.push_back({values[i].first, values[i].second, defaults[i].second,
                        std::string(reason_for(values[i].first))});
  }
  return settings;
}

}  // namespace mayfly
