// The dialogue of a client session: what it says, and what it makes of what it hears.
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "client/client_session.h"
#include "core/printable.h"

namespace mayfly {

void ClientSession::on_connected() {
  if (state_ != State::Connecting) return;
  hello_sent_at_ = session_time();
  send(wire::Hello{.software = options_.software, .features = {}, .sent_at = *hello_sent_at_});
  deadline_timer_->start(options_.answer_limit);
  enter(State::Greeting);
}

void ClientSession::on_message(Message message) {
  if (state_ == State::Leaving || state_ == State::Ended) return;
  if (message.ppid == wire::kControlPpid) return on_control(message.payload);
  if (message.ppid == wire::kFramePpid) return on_piece(message.payload);
  // What a later version may send besides is not for us; a stranger has not greeted.
  if (state_ != State::Greeting) return;
  refuse_garbage(
      fmt::format("a message with payload protocol identifier 0x{:08x}", message.ppid.value()));
}

void ClientSession::on_closed(const Error& reason) {
  last_transport_ = association_->stats();
  association_.reset();
  if (state_ == State::Leaving) return finish();
  if (lost_ || state_ == State::Ended) return;
  if (state_ == State::Connecting) {
    return leave(failure(reason.code, fmt::format("connect to {}: {}", peer_, reason.message)));
  }
  if (reason.code == ErrorCode::Closed) {
    return lose({reason.code, fmt::format("{} ended the connection", peer_)});
  }
  lose({reason.code, fmt::format("the connection to {} was lost: {}", peer_, reason.message)});
}

void ClientSession::on_control(ByteView bytes) {
  const auto message = wire::parse_control(bytes);
  if (!message) {
    // A message this version does not know is skipped.
    if (message.error().code != ErrorCode::Unsupported) refuse_garbage(message.error().message);
    return;
  }
  const bool greets = std::holds_alternative<wire::Welcome>(*message) ||
                      std::holds_alternative<wire::Refused>(*message) ||
                      std::holds_alternative<wire::Bye>(*message);
  if (state_ == State::Greeting && !greets) {
    return refuse_garbage(fmt::format("{} before Welcome", wire::name_of(*message)));
  }
  std::visit([this](const auto& each) { receive(each); }, *message);
}

void ClientSession::on_piece(ByteView bytes) {
  const auto piece = wire::parse_frame_piece(bytes);
  if (!piece) return refuse_garbage(piece.error().message);
  // Pieces of the last playout may still be under way when it is over.
  if (!playback_ || state_ == State::Stopping) return;
  if (playing_) {
    const bool is_known =
        std::ranges::find(playing_->tracks, piece->track, &Track::id) != playing_->tracks.end();
    if (!is_known) {
      return refuse_garbage(
          fmt::format("a frame of track {}, which the clip does not have", piece->track.value()));
    }
  }
  playback_->take(*piece, clock_.now());
  advance();
}

void ClientSession::receive(const wire::Welcome& welcome) {
  if (state_ != State::Greeting) return refuse_garbage("a second Welcome");
  if (welcome.version != wire::kProtocolVersion) {
    return leave(failure(
        ErrorCode::Unsupported,
        fmt::format("{} ({}) speaks version {} of the protocol, this program version {}; update "
                    "the older of the two",
                    peer_, printable(welcome.software), welcome.version, wire::kProtocolVersion)));
  }
  const bool fits = welcome.hello_sent_at == hello_sent_at_ &&
                    clocks_.add({began_ + welcome.hello_sent_at, welcome.hello_received_at,
                                 welcome.sent_at, clock_.now()});
  if (!fits) return refuse_garbage("a Welcome whose times contradict each other");
  deadline_timer_->stop();
  enter(State::Ready);
  send_waiting_requests();
}

void ClientSession::receive(const wire::Catalogue& catalogue) {
  // Whoever did not ask gets nothing; a list that never ends must not fill the memory.
  constexpr size_t kMostClips = 1'000'000;
  if (!is_unanswered(Request::List)) return;
  if (catalogue_.size() + catalogue.entries.size() > kMostClips) {
    return refuse_garbage(fmt::format("a catalogue of more than {} clips", kMostClips));
  }
  catalogue_.insert(catalogue_.end(), catalogue.entries.begin(), catalogue.entries.end());
  if (!catalogue.complete) return;
  answered(Request::List);
  if (state_ == State::Ready) deadline_timer_->stop();
  observer_.on_catalogue(std::exchange(catalogue_, {}));
}

void ClientSession::receive(const wire::Playing& playing) {
  if (!playback_) return refuse_garbage("Playing, though no clip was asked for");
  if (state_ != State::Starting && !is_under_way()) return;
  if (playing.tracks.empty()) return refuse_garbage("a clip without tracks");
  if (playing_ && playing_->tracks != playing.tracks) {
    return leave(failure(ErrorCode::Unsupported,
                         fmt::format("{}: the tracks of clip '{}' changed in the middle of it",
                                     peer_, playing.clip)));
  }
  if (!playing.next_turn) answered(playing_ ? Request::Seek : Request::Play);
  const bool is_first = !playing_;
  playing_ = playing;
  playback_->announce(playing, playing.next_turn ? Beginning::InTurn : Beginning::AtOnce,
                      clock_.now());
  if (is_first) {
    deadline_timer_->stop();
    if (const auto started = sink_.start(playing.tracks); !started) {
      return leave(failure(started.error()));
    }
    sink_started_ = true;
    report_timer_->start(options_.report_interval);
    enter(State::Playing);
  }
  observer_.on_playing(playing);
  if (!playing.next_turn) seek_on();
  advance();
}

void ClientSession::receive(const wire::Paused& paused) {
  answered(Request::Pause);
  if (!is_under_way()) return;
  playback_->on_paused(paused, clock_.now());
  follow_pause();
}

void ClientSession::receive(const wire::Resumed& resumed) {
  answered(Request::Resume);
  if (!is_under_way()) return;
  playback_->on_resumed(resumed, clock_.now());
  follow_pause();
}

void ClientSession::receive(const wire::SenderReport& report) {
  if (!playback_) return refuse_garbage("SenderReport, though no clip was asked for");
  const bool has_echo = report.report_sent_at > Duration::zero();
  if (has_echo && clocks_.add({began_ + report.report_sent_at, report.report_received_at,
                               report.sent_at, clock_.now()})) {
    playback_->clocks_changed();
  }
  playback_->on_report(report);
  if (playing_ && !report.delivery.empty()) {
    // Of all that were asked for since the report before.
    std::erase(unanswered_, Request::SetDelivery);
    for (const wire::ClassDelivery& changed : report.delivery) {
      auto& known = playing_->delivery;
      const auto same =
          std::ranges::find(known, changed.frame_class, &wire::ClassDelivery::frame_class);
      if (same != known.end()) *same = changed;
    }
  }
  advance();
}

void ClientSession::receive(const wire::EndOfClip& end) {
  if (!playback_) return refuse_garbage("EndOfClip, though no clip was asked for");
  playback_->on_end(end);
  if (state_ == State::Stopping && playback_->end_is_known()) return leave({});
  advance();
}

void ClientSession::receive(const wire::Refused& refused) {
  Error why{refused.code, fmt::format("{}: {}", peer_, printable(refused.message))};
  const bool is_final = state_ == State::Greeting || state_ == State::Starting;
  std::optional<Request> request;
  if (!unanswered_.empty()) {
    request = unanswered_.front();
    unanswered_.pop_front();
  }
  // Listing and playing are asked for together; only the second ends the session.
  if (is_final && request != Request::List) return leave(failure(std::move(why)));
  if (request == Request::Pause && is_under_way()) {
    playback_->resume(clock_.now());
    follow_pause();
  }
  observer_.on_refused(why);
  if (request == Request::Seek) seek_on();
  advance();
}

void ClientSession::receive(const wire::Bye& bye) {
  const std::string reason = bye.reason.empty() ? to_string(bye.code) : printable(bye.reason);
  if (association_) association_->shutdown();
  lose({bye.code, fmt::format("{} ended the session: {}", peer_, reason)});
}

template <class PlayersMessage>
void ClientSession::receive(const PlayersMessage& message) {
  refuse_garbage(fmt::format("{}, which only a player may send", wire::name_of(message)));
}

void ClientSession::ask(Request request, const wire::ControlMessage& message) {
  unanswered_.push_back(request);
  send(message);
}

void ClientSession::answered(Request request) {
  const auto asked = std::ranges::find(unanswered_, request);
  if (asked != unanswered_.end()) unanswered_.erase(asked);
}

bool ClientSession::is_unanswered(Request request) const {
  return std::ranges::find(unanswered_, request) != unanswered_.end();
}

void ClientSession::send(const wire::ControlMessage& message) {
  if (!association_) return;
  const auto sent = association_->send(
      {wire::kControlStream, wire::kControlPpid, wire::serialize(message)}, SendOptions{});
  // A closed association says so itself; a report that finds no room is followed by another.
  if (sent || sent.error().code == ErrorCode::Closed || state_ == State::Leaving) return;
  if (std::holds_alternative<wire::ReceiverReport>(message)) return;
  leave(failure(sent.error().in(fmt::format("send {} to {}", wire::name_of(message), peer_))));
}

void ClientSession::refuse_garbage(const std::string& what) {
  leave(failure(ErrorCode::Malformed,
                fmt::format("{} does not keep to mayfly's protocol: {}", peer_, what)));
}

}  // namespace mayfly
