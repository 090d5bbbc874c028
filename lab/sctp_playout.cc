#include "lab/sctp_playout.h"

#include <utility>
#include <variant>

#include "lab/tapped_association.h"
#include "wire/control.h"
#include "wire/frame_piece.h"

namespace mayfly {
namespace {

constexpr const char* kClipName = "clip";

std::optional<Abandonment> abandonment_of(wire::SenderFate fate) {
  switch (fate) {
    case wire::SenderFate::Sent: break;
    case wire::SenderFate::AbandonedUnsent: return Abandonment::Unsent;
    case wire::SenderFate::AbandonedSent: return Abandonment::Sent;
  }
  return std::nullopt;
}

}  // namespace

SctpPlayout::SctpPlayout(const Stage& stage, std::unique_ptr<Listener> listener,
                         std::unique_ptr<Association> player, std::function<void()> begun)
    : stage_(stage), begun_(std::move(begun)) {
  stage_.log.frames.resize(stage_.clip.size());
  server_ = make_server(std::move(listener));
  session_ = make_session(std::move(player));
}

void SctpPlayout::play() {
  session_->play({.clip = kClipName, .playout_delay = stage_.playout_delay});
}

Timestamp SctpPlayout::end() const {
  return *start_ + stage_.clip.due(stage_.clip.size() - 1) + stage_.playout_delay + kAfterwards;
}

PlaybackStats SctpPlayout::finish() {
  if (!start_ && stage_.log.ended.empty()) stage_.log.ended = "the playout never began";
  if (chunks_retransmitted_ == 0) {
    for (const SessionStats& each : server_->sessions()) {
      chunks_retransmitted_ = each.chunks_retransmitted;
    }
  }
  stage_.log.chunks_retransmitted = chunks_retransmitted_;
  return session_->stats();
}

std::unique_ptr<Server> SctpPlayout::make_server(std::unique_ptr<Listener> listener) {
  std::vector<std::unique_ptr<Listener>> listeners;
  listeners.push_back(std::move(listener));
  ServerOptions options;
  options.session.policy = stage_.settings.policy;
  options.session.sender = stage_.settings.sender;
  // A row that stalls is to be watched stalling.
  options.session.stall_limit = 1h;
  const ClipTrace& clip = stage_.clip;
  auto catalogue =
      ClipCatalogue::of({{kClipName, {kClipName, false}, clip.length(), {clip.track}}});
  const auto open = [&clip](const MediaLocation&) -> Result<std::unique_ptr<MediaSource>> {
    return std::make_unique<ClipTraceSource>(clip);
  };
  ServerObserver& observer = *this;
  return std::make_unique<Server>(std::move(listeners), std::move(catalogue), opening_at_once(open),
                                  stage_.clock, stage_.timers, observer, options);
}

std::unique_ptr<ClientSession> SctpPlayout::make_session(std::unique_ptr<Association> player) {
  ClientOptions options;
  options.playback.playout.catch_up = false;
  auto association = std::make_unique<TappedAssociation>(
      std::move(player), [this](const Message& message) { see(message); });
  ClientSession::Observer& observer = *this;
  return std::make_unique<ClientSession>(std::move(association), stage_.clock, stage_.timers, sink_,
                                         observer, options);
}

// What arrives, as the player's association gets it.
void SctpPlayout::see(const Message& message) {
  if (message.ppid == wire::kFramePpid) see_piece(message.payload);
  if (message.ppid == wire::kControlPpid) see_control(message.payload);
}

void SctpPlayout::see_piece(ByteView bytes) {
  const auto piece = wire::parse_frame_piece(bytes);
  if (!piece) return;  // the session ends over it, and says so
  const Timestamp now = stage_.clock.now();
  const auto frame = assembler_.insert(*piece, now);
  if (!frame || !start_) return;
  const uint32_t number = frame->frame.number.value();
  if (number >= stage_.log.frames.size()) return;
  auto& completed = stage_.log.frames[number].completed;
  if (!completed) ++whole_;
  completed = now - *start_;
}

void SctpPlayout::see_control(ByteView bytes) {
  const auto control = wire::parse_control(bytes);
  if (!control) return;
  const auto* report = std::get_if<wire::SenderReport>(&*control);
  if (report == nullptr) return;
  for (const wire::FrameFate& each : report->fates) {
    if (each.number.value() >= stage_.log.frames.size()) continue;
    stage_.log.frames[each.number.value()].given_up = abandonment_of(each.fate);
  }
}

void SctpPlayout::end_with(const Error& why) {
  if (stage_.log.ended.empty()) stage_.log.ended = why.message;
}

void SctpPlayout::on_playing(const SessionStats&) {
  start_ = stage_.clock.now();
  begun_();
}

void SctpPlayout::on_player_left(const SessionStats& player, const Error& why) {
  chunks_retransmitted_ = player.chunks_retransmitted;
  if (why.code != ErrorCode::Closed) end_with(why);
}

void SctpPlayout::on_finished(const Result<void>& how) {
  has_finished_ = true;
  if (!how) end_with(how.error());
}

}  // namespace mayfly
