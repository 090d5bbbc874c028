#include "tests/client/scripted_server.h"

#include <algorithm>

#include "core/check.h"

namespace mayfly {
namespace {

constexpr Duration kReportInterval = 200ms;

}  // namespace

ScriptedServer::ScriptedServer(Simulation& simulation, std::unique_ptr<Association> association,
                               Script script)
    : simulation_(simulation),
      association_(std::move(association)),
      script_(std::move(script)),
      source_(script_.shape),
      began_(simulation.now()),
      frame_timer_(simulation.create([this] { send_next_frame(); })),
      report_timer_(simulation.create([this] {
        tell_fates();
        report_timer_->start(kReportInterval);
      })) {
  association_->set_observer(this);
}

ScriptedServer::~ScriptedServer() { association_->set_observer(nullptr); }

Duration ScriptedServer::server_time() const {
  return simulation_.now() - began_ + script_.clock_ahead;
}

void ScriptedServer::send(const wire::ControlMessage& message) {
  send_raw(wire::kControlPpid, wire::serialize(message));
}

void ScriptedServer::send_raw(Ppid ppid, ByteView bytes, StreamId stream) {
  (void)association_->send({stream, ppid, Bytes(bytes.begin(), bytes.end())}, SendOptions{});
}

void ScriptedServer::on_message(Message message) {
  const auto parsed = wire::parse_control(message.payload);
  MAYFLY_CHECK(parsed.has_value());
  heard_.push_back(*parsed);
  if (const auto* const hello = std::get_if<wire::Hello>(&*parsed)) {
    if (script_.answers_hello_with_bye) return send(*script_.answers_hello_with_bye);
    if (!script_.greets) return;
    send(wire::Welcome{.version = script_.version,
                       .software = "scripted",
                       .features = {},
                       .hello_sent_at = hello->sent_at,
                       .hello_received_at = server_time(),
                       .sent_at = server_time()});
  } else if (const auto* const play = std::get_if<wire::Play>(&*parsed)) {
    if (script_.refuses) return send(*script_.refuses);
    if (!script_.plays) return;
    asked_ = *play;
    turns_left_ = play->loop ? script_.turns : 1;
    begin_epoch(play->position, simulation_.now());
    report_timer_->start(kReportInterval);
  } else if (const auto* const seek = std::get_if<wire::Seek>(&*parsed)) {
    tell_fates();
    begin_epoch(seek->position, simulation_.now());
  } else if (std::holds_alternative<wire::Pause>(*parsed)) {
    paused_at_ = simulation_.now();
    frame_timer_->stop();
    send(wire::Paused{epoch_, server_time()});
  } else if (std::holds_alternative<wire::Resume>(*parsed)) {
    if (!paused_at_) return;
    paused_for_ += simulation_.now() - *std::exchange(paused_at_, std::nullopt);
    send(wire::Resumed{epoch_, server_time()});
    schedule_next_frame();
  } else if (std::holds_alternative<wire::Stop>(*parsed)) {
    end_clip();
  } else if (const auto* const report = std::get_if<wire::ReceiverReport>(&*parsed)) {
    last_report_ = {report->sent_at, server_time()};
  } else if (std::holds_alternative<wire::Bye>(*parsed)) {
    association_->shutdown();
  }
}

void ScriptedServer::begin_epoch(MediaTime position, Timestamp start) {
  MAYFLY_CHECK(source_.seek(position).has_value());
  epoch_ = wire::Epoch(static_cast<uint8_t>(epoch_.value() + 1));
  counts_.clear();
  paused_for_ = {};
  paused_at_.reset();
  epoch_start_ = start;
  next_frame_ = std::get<Frame>(*source_.next());
  first_dts_ = next_frame_->dts;
  is_playing_ = true;
  send(wire::Playing{.epoch = epoch_,
                     .clip = asked_.clip,
                     .tracks = source_.tracks(),
                     .position = next_frame_->pts,
                     .first_dts = first_dts_,
                     .started_at = start - began_ + script_.clock_ahead,
                     .playout_delay = asked_.playout_delay,
                     .duration = source_.duration(),
                     .policy = "scripted",
                     .delivery = {},
                     .next_turn = start > simulation_.now()});
  schedule_next_frame();
}

void ScriptedServer::schedule_next_frame() {
  if (!is_playing_) return;
  const Timestamp due = epoch_start_ + paused_for_ + (next_frame_->dts - first_dts_);
  frame_timer_->start(std::max(due - simulation_.now(), Duration::zero()));
}

void ScriptedServer::send_next_frame() {
  const Frame& frame = *next_frame_;
  const uint64_t id = next_id_++;
  const size_t most = std::min<size_t>(1200, association_->max_message_bytes());
  SendOptions options{.ordered = false, .id = MessageId(id)};
  if (frame.frame_class != FrameClass::I) options.lifetime = script_.lifetime;
  options.priority = static_cast<Priority>(1 + index_of(frame.frame_class));
  const StreamId stream(static_cast<uint16_t>(1 + index_of(frame.frame_class)));
  wire::SenderFate fate = wire::SenderFate::Sent;
  for (Bytes& piece : wire::cut_into_pieces(frame, epoch_, server_time(), most)) {
    if (!association_->send({stream, wire::kFramePpid, std::move(piece)}, options)) {
      fate = wire::SenderFate::AbandonedUnsent;
      break;
    }
  }
  sent_[id] = {epoch_, {frame.track, frame.number, frame.frame_class, fate, frame.dts}};
  ++counts_[frame.track];
  ++frames_due_;
  const Duration length = frame.dts - first_dts_ + frame.duration;
  const Reading next = *source_.next();
  if (const auto* const following = std::get_if<Frame>(&next)) {
    next_frame_ = *following;
    return schedule_next_frame();
  }
  if (--turns_left_ > 0) return begin_epoch(MediaTime{}, epoch_start_ + paused_for_ + length);
  is_playing_ = false;
  // The last messages have been acknowledged or abandoned by then.
  frame_timer_ = simulation_.create([this] {
    if (script_.tells_end) end_clip();
  });
  frame_timer_->start(script_.lifetime.value_or(300ms) + 300ms);
}

void ScriptedServer::on_message_abandoned(MessageId id, Abandonment what) {
  const auto sent = sent_.find(id.value());
  if (sent == sent_.end()) return;
  association_->abandon(id);
  const auto fate = what == Abandonment::Unsent ? wire::SenderFate::AbandonedUnsent
                                                : wire::SenderFate::AbandonedSent;
  // A frame of which something was sent stays so.
  if (sent->second.fate.fate == wire::SenderFate::AbandonedSent) return;
  sent->second.fate.fate = fate;
  sent->second.told = false;
}

void ScriptedServer::tell_fates() {
  std::map<uint8_t, wire::SenderReport> reports;
  for (auto& [id, sent] : sent_) {
    if (!sent.told) reports[sent.epoch.value()].fates.push_back(sent.fate);
    sent.told = true;
  }
  reports[epoch_.value()];
  for (auto& [epoch, report] : reports) {
    report.epoch = wire::Epoch(epoch);
    report.sent_at = server_time();
    if (last_report_) std::tie(report.report_sent_at, report.report_received_at) = *last_report_;
    send(report);
  }
}

void ScriptedServer::end_clip() {
  is_playing_ = false;
  frame_timer_->stop();
  tell_fates();
  wire::EndOfClip end{.epoch = epoch_, .frames = {}};
  for (const auto& [track, count] : counts_) end.frames.emplace_back(track, count);
  send(end);
}

void ScriptedServer::on_closed(const Error& reason) {
  closed_ = reason;
  frame_timer_->stop();
  report_timer_->stop();
}

}  // namespace mayfly
