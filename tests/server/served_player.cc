#include "tests/server/served_player.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mayfly {

ServedPlayer::ServedPlayer(Simulation& simulation, Transport& transport,
                           const TransportAddress& server, uint32_t version)
    : simulation_(simulation),
      version_(version),
      association_(std::move(*transport.connect(server))),
      report_timer_(simulation.create([this] { report(); })) {
  association_->set_observer(this);
}

void ServedPlayer::on_connected() {
  connected_at_ = simulation_.now();
  say(wire::Hello{.version = version_, .software = "served player", .features = {}, .sent_at = {}});
  report_timer_->start(200ms);
}

void ServedPlayer::say(const wire::ControlMessage& message) { say_bytes(wire::serialize(message)); }

void ServedPlayer::say_bytes(Bytes bytes, StreamId stream) {
  static_cast<void>(association_->send({stream, wire::kControlPpid, std::move(bytes)}, {}));
}

void ServedPlayer::play(const std::string& clip, Duration playout_delay, MediaTime position,
                        bool loop) {
  say(wire::Play{clip, position, playout_delay, loop});
}

void ServedPlayer::report() {
  if (closed_ || !association_) return;
  if (reporting_) {
    wire::ReceiverReport report;
    report.epoch = epoch_;
    report.sent_at = simulation_.now() - connected_at_;
    say(report);
  }
  report_timer_->start(200ms);
}

void ServedPlayer::on_message(Message message) {
  if (message.ppid == wire::kFramePpid) {
    const auto piece = wire::parse_frame_piece(message.payload);
    ASSERT_TRUE(piece) << piece.error().message;
    return take_in(*piece);
  }
  const auto control = wire::parse_control(message.payload);
  ASSERT_TRUE(control) << control.error().message;
  messages_.push_back(*control);
  if (const auto* report = std::get_if<wire::SenderReport>(&*control)) take_in(*report);
  if (const auto* playing = std::get_if<wire::Playing>(&*control)) epoch_ = playing->epoch;
}

void ServedPlayer::take_in(const wire::FramePiece& piece) {
  const auto [found, is_new] =
      frames_[piece.epoch].try_emplace({piece.track, piece.number}, Received{});
  Received& frame = found->second;
  if (is_new) {
    frame.bytes.resize(piece.frame_bytes);
    frame.missing = piece.frame_bytes;
  }
  ASSERT_GE(frame.missing, piece.body.size()) << "a piece came twice";
  std::copy(piece.body.begin(), piece.body.end(), frame.bytes.begin() + piece.offset);
  frame.missing -= piece.body.size();
  if (piece.description) frame.description = *piece.description;
  if (frame.missing == 0) frame.complete_at = simulation_.now();
}

void ServedPlayer::take_in(const wire::SenderReport& report) {
  for (const wire::FrameFate& each : report.fates) {
    const bool is_new =
        fates_[report.epoch].insert_or_assign({each.track, each.number}, each).second;
    if (!is_new) ++retold_;
  }
}

void ServedPlayer::on_closed(const Error& reason) {
  closed_ = reason;
  report_timer_->stop();
}

size_t ServedPlayer::whole_frames(wire::Epoch epoch, FrameClass frame_class) const {
  const auto frames = frames_.find(epoch);
  if (frames == frames_.end()) return 0;
  return static_cast<size_t>(
      std::count_if(frames->second.begin(), frames->second.end(), [&](const auto& each) {
        return each.second.is_whole() && each.second.description.frame_class == frame_class;
      }));
}

size_t ServedPlayer::fates(wire::Epoch epoch, FrameClass frame_class, wire::SenderFate fate) const {
  const auto fates = fates_.find(epoch);
  if (fates == fates_.end()) return 0;
  return static_cast<size_t>(
      std::count_if(fates->second.begin(), fates->second.end(), [&](const auto& each) {
        return each.second.frame_class == frame_class && each.second.fate == fate;
      }));
}

Duration ServedPlayer::longest_delay(wire::Epoch epoch) const {
  const auto frames = frames_.find(epoch);
  Duration longest{};
  if (frames == frames_.end()) return longest;
  for (const auto& [key, frame] : frames->second) {
    if (!frame.is_whole()) continue;
    longest = std::max(longest, frame.complete_at - connected_at_ - frame.description.sent_at);
  }
  return longest;
}

}  // namespace mayfly
