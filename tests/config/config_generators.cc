#include "tests/config/config_generators.h"

#include <algorithm>

namespace mayfly {
namespace {

Duration between(Duration low, Duration high) {
  return Duration(*rc::gen::inRange(low.count(), high.count() + 1));
}
size_t between_bytes(size_t low, size_t high) { return *rc::gen::inRange(low, high + 1); }
template <class T>
T number(T low, T high) {
  return *rc::gen::inRange<T>(low, high);
}
bool flag() { return *rc::gen::arbitrary<bool>(); }

// Everything a TOML text must escape, and some it need not.
std::string any_text() {
  return *rc::gen::container<std::string>(
      rc::gen::element('a', '"', '\\', '\n', '\t', '\x01', '\x7f', '#', '=', '[', ' ', '\''));
}
std::vector<std::string> any_texts(size_t least) {
  std::vector<std::string> texts(number<size_t>(least, 5));
  for (std::string& each : texts) each = any_text();
  return texts;
}

TransportOptions any_transport_options() {
  TransportOptions options;
  options.rto_min = between(10ms, 30s);
  options.rto_initial = between(options.rto_min, 60s);
  options.rto_max = between(options.rto_min, 60s);
  options.max_retransmissions = number<uint16_t>(1, 1001);
  options.path_max_retransmissions = number<uint16_t>(1, 1001);
  options.max_init_attempts = number<uint16_t>(1, 1001);
  options.demand_heartbeat_interval = between(100ms, 60s);
  options.heartbeat_interval = between(100ms, 10min);
  options.sack_delay = between(0ms, std::min<Duration>(options.rto_min - 1us, 500ms));
  options.sack_frequency = number<uint32_t>(1, 101);
  options.no_delay = flag();
  options.max_burst = number<uint32_t>(1, 1001);
  options.streams = number<uint16_t>(6, 65535);
  options.socket_send_buffer_bytes = between_bytes(16 << 10, 256 << 20);
  options.socket_receive_buffer_bytes = between_bytes(16 << 10, 256 << 20);
  options.send_queue_bytes = between_bytes(64 << 10, 1 << 30);
  options.send_queue_low_bytes = between_bytes(1, options.send_queue_bytes - 1);
  options.max_received_message_bytes = between_bytes(2 << 10, 256 << 20);
  options.max_sent_message_bytes = between_bytes(2 << 10, 256 << 20);
  options.max_packet_bytes = between_bytes(512, 65507);
  options.stack_backlog_bytes = between_bytes(0, 16 << 20);
  options.shutdown_limit = between(10ms, 60s);
  return options;
}

Lifetime any_lifetime() {
  switch (number(0, 5)) {
    case 0: return Forever{};
    case 1: return UntilDeadline{};
    case 2: return between(1us, 60min);
    case 3: return DiscardPriority{number<uint16_t>(0, UINT16_MAX)};
    default: return Retransmissions{number<uint32_t>(0, 1001)};
  }
}

DeliveryPolicy any_policy(uint16_t streams) {
  if (flag()) return named_policy(*rc::gen::elementOf(policy_names())).value();
  DeliveryPolicy policy;
  for (Delivery& each : policy.classes) {
    each = {.stream = StreamId(number<uint16_t>(1, streams)),
            .lifetime = any_lifetime(),
            .ordered = flag(),
            .priority = number<uint16_t>(0, 65535),
            .message = flag() ? MessageForm::Pieces : MessageForm::Frame};
  }
  return policy;
}

TransportChoice any_choice() {
  return *rc::gen::element(TransportChoice::Auto, TransportChoice::Kernel, TransportChoice::Usrsctp,
                           TransportChoice::Engine);
}

IpEndpoint any_address() {
  if (flag()) return IpEndpoint::v4({192, 0, 2, number<uint8_t>(1, 255)}, 0);
  IpEndpoint address = IpEndpoint::any_v6(0);
  address.address = {0x20, 0x01, 0x0d, 0xb8};
  address.address[15] = number<uint8_t>(1, 255);
  return address;
}

void set_shared_kernel_options(KernelTransportOptions& options) {
  options.dynamic_addresses = flag();
  options.message_interleaving = flag();
  options.auth_key_file = any_text();
}

}  // namespace

rc::Gen<ServeConfig> any_serve_config() {
  return rc::gen::exec([] {
    ServeConfig config;
    config.listen = any_texts(1);
    config.media = any_texts(0);
    config.impair = any_text();
    config.report_interval = between(10ms, 60s);
    config.playout_delay.shortest = between(1ms, 5min);
    config.playout_delay.usual = between(config.playout_delay.shortest, 8min);
    config.playout_delay.longest = between(config.playout_delay.usual, 10min);
    config.limits = {.sessions = number<size_t>(1, 100'001),
                     .idle = between(1s, 1440min),
                     .silence = between(1s, 1440min),
                     .stall = between(1s, 1440min)};
    config.ts = {.by_class = flag(), .loop = flag(), .ends_with_abort = flag()};
    config.transport = any_choice();
    config.transport_options = any_transport_options();
    config.kernel_options.socket_style = flag() ? SocketStyle::OneToMany : SocketStyle::OneToOne;
    config.kernel_options.peel_off = flag();
    set_shared_kernel_options(config.kernel_options);
    config.delivery = any_policy(config.transport_options.streams);
    const bool whole_frames = std::ranges::any_of(
        config.delivery.classes,
        [](const Delivery& each) { return each.message == MessageForm::Frame; });
    config.kernel_options.fragmentation = whole_frames || flag();
    return config;
  });
}

rc::Gen<PlayConfig> any_play_config() {
  return rc::gen::exec([] {
    PlayConfig config;
    config.sink = "s" + any_text();
    if (flag()) config.playout_delay = between(1ms, 10min);
    config.loop = flag();
    config.catch_up = flag();
    config.buffer_bytes = between_bytes(size_t{1} << 20, size_t{16} << 30);
    config.report_interval = between(10ms, 5s);
    config.impair = any_text();
    config.transport = any_choice();
    config.transport_options = any_transport_options();
    set_shared_kernel_options(config.kernel_options);
    if (flag()) config.kernel_options.primary = any_address();
    for (size_t i = number<size_t>(0, 3); i > 0; --i) {
      config.kernel_options.bind.push_back(any_address());
    }
    return config;
  });
}

}  // namespace mayfly
