// What a player may ask for, and what comes of it.

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "core/check.h"
#include "core/quantity.h"
#include "server/session.h"
#include "wire/utf8.h"

namespace mayfly {
namespace {

// What a player calls itself goes into log lines and tables.
constexpr size_t kMostSoftwareBytes = 128;

}  // namespace

void Session::on_message(Message message) {
  heard_at_ = now();
  if (state_ == SessionState::Leaving) return;
  if (message.stream != wire::kControlStream || message.ppid != wire::kControlPpid) {
    return on_malformed(fmt::format("a message on stream {} with payload protocol {:#010x}",
                                    message.stream.value(), message.ppid.value()));
  }
  const auto parsed = wire::parse_control(message.payload);
  if (!parsed) {
    // A newer player may know messages that this version can do without.
    if (parsed.error().code == ErrorCode::Unsupported) return;
    return on_malformed(parsed.error().message);
  }
  const bool is_hello = std::holds_alternative<wire::Hello>(*parsed);
  const bool is_bye = std::holds_alternative<wire::Bye>(*parsed);
  if (state_ == SessionState::Greeting && !is_hello && !is_bye) {
    return end({ErrorCode::Malformed,
                fmt::format("the first message must be Hello, not {}", wire::name_of(*parsed))});
  }
  const bool is_report = std::holds_alternative<wire::ReceiverReport>(*parsed);
  if (!is_report && !is_within_request_rate()) {
    return end({ErrorCode::Exhausted, fmt::format("more than {} requests in a second",
                                                  options_.most_requests_per_second)});
  }
  std::visit([this](const auto& each) { obey(each); }, *parsed);
}

bool Session::is_within_request_rate() {
  if (now() - rate_window_since_ >= 1s) {
    rate_window_since_ = now();
    requests_in_window_ = 0;
  }
  return ++requests_in_window_ <= options_.most_requests_per_second;
}

void Session::on_malformed(const std::string& what) {
  ++malformed_;
  // Before Hello it is somebody who speaks another protocol altogether.
  if (state_ != SessionState::Greeting && malformed_ <= options_.most_malformed_messages) return;
  end({ErrorCode::Malformed, "what the player sends is not understood: " + what});
}

template <class Other>
void Session::obey(const Other& other) {
  on_malformed(fmt::format("{}, which only a server may say", wire::name_of(other)));
}

void Session::obey(const wire::Hello& hello) {
  if (state_ != SessionState::Greeting) return on_malformed("a second Hello");
  software_ = wire::valid_utf8(hello.software, kMostSoftwareBytes);
  if (hello.version != wire::kProtocolVersion) {
    return end({ErrorCode::Unsupported,
                fmt::format("this server ({}) speaks version {} of the protocol and the player "
                            "version {}; install the same release on both sides",
                            options_.software, wire::kProtocolVersion, hello.version)});
  }
  enter(SessionState::Idle);
  send(wire::Welcome{.software = options_.software,
                     .features = {},
                     .hello_sent_at = hello.sent_at,
                     .hello_received_at = since_start(),
                     .sent_at = since_start()});
  if (state_ != SessionState::Leaving) observer_.on_greeted(*this);
}

void Session::obey(const wire::CatalogueRequest&) {
  std::vector<wire::CatalogueEntry> entries;
  for (const auto& [name, clip] : surroundings_.catalogue.clips()) {
    entries.push_back({name, clip.duration, clip.tracks});
  }
  for (wire::Catalogue& part : wire::in_messages(std::move(entries))) send(std::move(part));
}

void Session::obey(const wire::Play& play) {
  const auto clip = surroundings_.catalogue.find(play.clip);
  if (!clip) return refuse(clip.error());
  if (state_ == SessionState::Idle) enter(SessionState::Opening);
  wire::Play granted = play;
  granted.clip = (*clip)->name;
  granted.position = std::max(play.position, MediaTime{});
  const Duration wanted =
      play.playout_delay == Duration::zero() ? options_.usual_playout_delay : play.playout_delay;
  granted.playout_delay =
      std::clamp(wanted, options_.shortest_playout_delay, options_.longest_playout_delay);
  wanted_ = std::move(granted);
  if (opening_) {
    opening_->request_stop();
  } else {
    open_wanted();
  }
}

void Session::open_wanted() {
  const auto clip = surroundings_.catalogue.find(wanted_->clip);
  MAYFLY_CHECK(clip.has_value());  // it was when it was asked for, and catalogues do not change
  opening_.emplace();
  surroundings_.open(
      (*clip)->location, opening_->get_token(),
      [this, alive = std::weak_ptr<bool>(alive_)](Result<std::unique_ptr<MediaSource>> source) {
        if (!alive.expired()) on_opened(std::move(source));
      });
}

void Session::on_opened(Result<std::unique_ptr<MediaSource>> source) {
  const bool was_given_up = opening_->stop_requested();
  opening_.reset();
  if (!was_given_up) return begin_playout(*std::exchange(wanted_, std::nullopt), std::move(source));
  if (wanted_) open_wanted();
}

void Session::begin_playout(const wire::Play& play, Result<std::unique_ptr<MediaSource>> source) {
  const auto give_way = [this](const Error& why) {
    if (state_ == SessionState::Opening) enter(SessionState::Idle);
    refuse(why);
  };
  if (!source) return give_way(source.error().in(play.clip));
  if (const auto fault = wire::fault_of((*source)->tracks())) {
    return give_way(Error{ErrorCode::Unsupported, *fault}.in(play.clip));
  }
  const bool is_live = !(*source)->duration();
  Playout::Start start{std::nullopt, play.playout_delay, play.loop && !is_live};
  if (!is_live && play.position > MediaTime{}) {
    // Before the one that plays is given up for it.
    const auto sought = (*source)->seek(play.position);
    if (!sought) return give_way(sought.error().in(play.clip));
  }
  give_up_playout();
  clip_ = play.clip;
  playout_delay_ = play.playout_delay;
  enter(SessionState::Opening);
  playout_ =
      std::unique_ptr<Playout>(new Playout(std::move(*source), sender_, *this, surroundings_.clock,
                                           surroundings_.timers, options_.playout));
  const auto started = playout_->start(start);
  if (!started) give_way(started.error().in(play.clip));
}

// Also after the last frame was handed over: the player still has some to show.
void Session::obey(const wire::Pause&) {
  if (!playout_) return refuse({ErrorCode::InvalidArgument, "pause: nothing plays"});
  playout_->pause();
  if (state_ == SessionState::Opening) return;  // told when it begins
  if (state_ == SessionState::Playing) enter(SessionState::Paused);
  send(wire::Paused{*epoch_, since_start()});
}

void Session::obey(const wire::Resume&) {
  if (!playout_) return refuse({ErrorCode::InvalidArgument, "resume: nothing plays"});
  playout_->resume();
  if (state_ == SessionState::Opening) return;
  if (state_ == SessionState::Paused) enter(SessionState::Playing);
  heard_at_ = now();
  send(wire::Resumed{*epoch_, since_start()});
}

void Session::obey(const wire::Seek& seek) {
  if (!playout_) return refuse({ErrorCode::InvalidArgument, "seek: nothing plays"});
  const auto sought = playout_->seek(std::max(seek.position, MediaTime{}));
  if (!sought) return refuse(sought.error().in("seek in " + clip_));
  drain_timer_->stop();
  enter(SessionState::Opening);
}

void Session::obey(const wire::Stop&) {
  if (!playout_ && !wanted_) {
    return refuse({ErrorCode::InvalidArgument, "stop: nothing plays"});
  }
  give_up_playout();
  if (epoch_) {
    owes_end_ = true;  // it is the answer, also where it was told before
    return on_source_ended(*epoch_, std::nullopt);
  }
  enter(SessionState::Idle);
  send(wire::EndOfClip{});
}

void Session::obey(const wire::SetDelivery& change) {
  const std::string key = fmt::format("delivery.{}.lifetime", to_string(change.frame_class));
  const auto lifetime = parse_lifetime(change.lifetime);
  if (!lifetime) return refuse(lifetime.error().in(key));
  delivery_changed_ = true;  // the answer, even when it is as it was
  DeliveryPolicy policy = sender_.policy();
  if (policy.for_class(change.frame_class).lifetime == *lifetime) return;
  policy.for_class(change.frame_class).lifetime = *lifetime;
  policy.name = "custom";
  sender_.set_policy(std::move(policy));
}

void Session::obey(const wire::ReceiverReport& report) {
  report_ = report;
  report_received_at_ = since_start();
}

void Session::obey(const wire::Bye& bye) {
  give_up_playout();
  enter(SessionState::Leaving);
  ending_ = Error{bye.code, bye.reason.empty() ? "the player said goodbye"
                                               : "the player said goodbye: " + bye.reason};
  association_->shutdown();
  goodbye_timer_->start(options_.goodbye_limit);
}

AsyncMediaOpener opening_at_once(MediaOpener open) {
  return [open = std::move(open)](const MediaLocation& location, const std::stop_token&,
                                  const MediaOpening& done) { done(open(location)); };
}

std::string_view to_string(SessionState state) {
  switch (state) {
    case SessionState::Greeting: return "greeting";
    case SessionState::Idle: return "idle";
    case SessionState::Opening: return "opening";
    case SessionState::Playing: return "playing";
    case SessionState::Paused: return "paused";
    case SessionState::Draining: return "draining";
    case SessionState::Leaving: return "leaving";
  }
  return "?";
}

}  // namespace mayfly
