#include "lab/sctp_run.h"

#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "client/client_session.h"
#include "client/counting_sink.h"
#include "client/frame_assembler.h"
#include "core/random.h"
#include "lab/tapped_association.h"
#include "netsim/keyed_random.h"
#include "netsim/simulated_network.h"
#include "netsim/simulation.h"
#include "netsim/virtual_time.h"
#include "netsim/wire_bytes.h"
#include "server/server.h"
#include "transport/sctp/engine_transport.h"
#include "transport/usrsctp/usrsctp_stack.h"
#include "transport/usrsctp/usrsctp_transport.h"
#include "wire/control.h"
#include "wire/frame_piece.h"

namespace mayfly {
namespace {

constexpr const char* kClipName = "clip";
// Connecting and greeting take three round trips, and nothing is lost then.
constexpr Duration kLongestStart = 30s;
// How long late frames are waited for, after the last deadline.
constexpr Duration kAfterwards = 5s;
constexpr uint64_t kStackPurpose = 3;

// The stack of a row, at both ends.
class Stacks {
 public:
  Stacks(Simulation& simulation, const SctpSettings& settings, uint64_t seed)
      : simulation_(simulation), settings_(settings), random_(seed) {
    if (settings.stack != SctpStack::Usrsctp) return;
    usrsctp_ = std::make_unique<UsrsctpStack>(simulation, simulation, simulation, settings.tuning);
  }

  [[nodiscard]] std::unique_ptr<Transport> transport_on(PacketSocket& socket) {
    if (usrsctp_) {
      return std::make_unique<UsrsctpTransport>(*usrsctp_, socket, settings_.transport);
    }
    sctp::CookieSecret key{};
    for (auto& each : key) each = static_cast<std::byte>(random_.bits());
    return std::make_unique<EngineTransport>(
        simulation_, simulation_, socket, sctp::default_socket_options(settings_.transport), key);
  }

 private:
  Simulation& simulation_;
  const SctpSettings& settings_;
  Random random_;
  std::unique_ptr<UsrsctpStack> usrsctp_;
};

// Writes down what arrives, as the player's association gets it.
class Watch {
 public:
  Watch(const Clock& clock, DeliveryLog& log) : clock_(clock), log_(log) {}

  void begin(Timestamp start) { start_ = start; }
  [[nodiscard]] std::optional<Timestamp> start() const { return start_; }

  void see(const Message& message) {
    if (message.ppid == wire::kFramePpid) see_piece(message.payload);
    if (message.ppid == wire::kControlPpid) see_control(message.payload);
  }
  void see(const SimulatedNetwork::Fate& packet, Duration one_way) {
    if (!start_) return;
    ++log_.wire_packets;
    log_.wire_bytes += packet.packet.size() + header_bytes(packet.to);
    if (packet.arrives) log_.queue_delays.push_back(*packet.arrives - packet.sent - one_way);
  }

 private:
  void see_piece(ByteView bytes) {
    const auto piece = wire::parse_frame_piece(bytes);
    if (!piece) return;  // the session ends over it, and says so
    const auto frame = assembler_.insert(*piece, clock_.now());
    if (!frame || !start_) return;
    const uint32_t number = frame->frame.number.value();
    if (number < log_.frames.size()) log_.frames[number].completed = clock_.now() - *start_;
  }
  void see_control(ByteView bytes) {
    const auto control = wire::parse_control(bytes);
    if (!control) return;
    const auto* report = std::get_if<wire::SenderReport>(&*control);
    if (report == nullptr) return;
    for (const wire::FrameFate& each : report->fates) {
      if (each.number.value() >= log_.frames.size()) continue;
      auto& given_up = log_.frames[each.number.value()].given_up;
      switch (each.fate) {
        case wire::SenderFate::Sent: given_up.reset(); break;
        case wire::SenderFate::AbandonedUnsent: given_up = Abandonment::Unsent; break;
        case wire::SenderFate::AbandonedSent: given_up = Abandonment::Sent; break;
      }
    }
  }

  const Clock& clock_;
  DeliveryLog& log_;
  FrameAssembler assembler_;
  std::optional<Timestamp> start_;
};

class Run final : private ServerObserver, private ClientSession::Observer {
 public:
  Run(const ClipTrace& clip, const Cell& cell, const SctpSettings& settings, uint64_t seed)
      : clip_(clip),
        cell_(cell),
        settings_(settings),
        seed_(seed),
        time_(simulation_, derived_seed(seed, kStackPurpose)),
        network_(simulation_, derived_seed(seed, kStackPurpose)),
        stacks_(simulation_, settings, derived_seed(seed, kStackPurpose)),
        watch_(simulation_, run_.log),
        server_socket_(network_.bind(server_at_)),
        player_socket_(network_.bind(player_at_)),
        server_transport_(stacks_.transport_on(*server_socket_)),
        player_transport_(stacks_.transport_on(*player_socket_)) {
    run_.log.frames.resize(clip.size());
    LinkModel only_delay;
    only_delay.delay = cell.one_way();
    network_.set_link(server_at_, player_at_, only_delay);
    network_.set_link(player_at_, server_at_, only_delay);
    network_.set_observer([this](const SimulatedNetwork::Fate& packet) {
      if (packet.from == server_at_) watch_.see(packet, cell_.one_way());
    });
    server_ = make_server();
    session_ = make_session();
  }

  [[nodiscard]] SctpRun play() {
    session_->play({.clip = kClipName, .playout_delay = cell_.playout_delay});
    const auto has_begun = [this] { return watch_.start().has_value(); };
    if (!simulation_.run_until(has_begun, kLongestStart)) {
      if (run_.log.ended.empty()) run_.log.ended = "the playout never began";
      return std::move(run_);
    }
    simulation_.run_until(*watch_.start() + clip_.due(clip_.size() - 1) + cell_.playout_delay +
                          kAfterwards);
    run_.player = session_->stats();
    if (chunks_retransmitted_ == 0) note_server();
    run_.log.chunks_retransmitted = chunks_retransmitted_;
    return std::move(run_);
  }

 private:
  std::unique_ptr<Server> make_server() {
    std::vector<std::unique_ptr<Listener>> listeners;
    listeners.push_back(std::move(*server_transport_->listen({{server_at_}})));
    ServerOptions options;
    options.session.policy = settings_.policy;
    options.session.sender = settings_.sender;
    // A row that stalls is to be watched stalling.
    options.session.stall_limit = 1h;
    auto catalogue =
        ClipCatalogue::of({{kClipName, {kClipName, false}, clip_.length(), {clip_.track}}});
    const auto open = [this](const MediaLocation&) -> Result<std::unique_ptr<MediaSource>> {
      return std::make_unique<ClipTraceSource>(clip_);
    };
    ServerObserver& observer = *this;
    return std::make_unique<Server>(std::move(listeners), std::move(catalogue),
                                    opening_at_once(open), simulation_, simulation_, observer,
                                    options);
  }
  std::unique_ptr<ClientSession> make_session() {
    ClientOptions options;
    options.playback.playout.catch_up = false;
    auto association = std::make_unique<TappedAssociation>(
        std::move(*player_transport_->connect({{server_at_}})),
        [this](const Message& message) { watch_.see(message); });
    ClientSession::Observer& observer = *this;
    return std::make_unique<ClientSession>(std::move(association), simulation_, simulation_, sink_,
                                           observer, options);
  }
  void note_server() {
    for (const SessionStats& each : server_->sessions()) {
      chunks_retransmitted_ = each.chunks_retransmitted;
    }
  }

  // The first frame follows.
  void on_playing(const SessionStats&) override {
    watch_.begin(simulation_.now());
    network_.set_channel(server_at_, player_at_,
                         forward_link(cell_, clip_.media_rate(), seed_,
                                      clip_.length() + cell_.playout_delay, simulation_.now()));
  }
  void on_player_joined(const SessionStats&) override {}
  void on_request_refused(const SessionStats&, const Error& why) override { end_with(why); }
  void on_player_left(const SessionStats& player, const Error& why) override {
    chunks_retransmitted_ = player.chunks_retransmitted;
    if (why.code != ErrorCode::Closed) end_with(why);
  }
  void on_player_turned_away(const std::string&, const Error& why) override { end_with(why); }
  void on_playing(const wire::Playing&) override {}
  void on_finished(const Result<void>& how) override {
    if (!how) end_with(how.error());
  }
  void end_with(const Error& why) {
    if (run_.log.ended.empty()) run_.log.ended = why.message;
  }

  const ClipTrace& clip_;
  const Cell& cell_;
  const SctpSettings& settings_;
  const uint64_t seed_;
  const IpEndpoint server_at_ = IpEndpoint::v4({10, 0, 0, 1}, 9899);
  const IpEndpoint player_at_ = IpEndpoint::v4({10, 0, 0, 2}, 40'000);
  SctpRun run_;
  uint64_t chunks_retransmitted_ = 0;
  Simulation simulation_;
  VirtualTime time_;
  SimulatedNetwork network_;
  Stacks stacks_;
  Watch watch_;
  std::unique_ptr<PacketSocket> server_socket_;
  std::unique_ptr<PacketSocket> player_socket_;
  std::unique_ptr<Transport> server_transport_;
  std::unique_ptr<Transport> player_transport_;
  std::unique_ptr<Server> server_;
  CountingSink sink_;
  std::unique_ptr<ClientSession> session_;
};

}  // namespace

SctpRun run_sctp(const ClipTrace& clip, const Cell& cell, const SctpSettings& settings,
                 uint64_t seed) {
  return Run(clip, cell, settings, seed).play();
}

}  // namespace mayfly
