#include "cli/ts_player.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/media_opening.h"
#include "cli/output.h"
#include "cli/sink_choice.h"

namespace mayfly {
namespace {

constexpr Duration kLineInterval = 250ms;

TsSessionOptions session_options(const PlayConfig& config) {
  TsSessionOptions options;
  if (config.playout_delay) options.playback.playout_delay = *config.playout_delay;
  options.most_waiting_bytes = std::min(options.most_waiting_bytes, config.buffer_bytes);
  return options;
}

}  // namespace

TsPlayer::TsPlayer(PlayerOptions options)
    : options_(std::move(options)),
      network_(loop_, {options_.config.transport, options_.config.transport_options,
                       options_.config.kernel_options, options_.impairment}),
      resolver_(loop_),
      line_({.rewrites = stderr_is_terminal(), .columns = terminal_columns()}) {}

TsPlayer::~TsPlayer() { session_.reset(); }

Result<void> TsPlayer::check() const {
  RETURN_IF_ERROR(network_.stack_for(options_.url.scheme));
  const char* wish = nullptr;
  if (options_.position != MediaTime{}) wish = "--start";
  if (options_.config.loop) wish = "--loop";
  if (!options_.lifetimes.empty()) wish = "--lifetime";
  if (wish == nullptr) return {};
  return failure(ErrorCode::InvalidArgument,
                 fmt::format("{} asks a mayfly server for something, and the sender of a "
                             "{} stream takes no wishes: leave it out",
                             wish, prefix_of(options_.url.scheme)));
}

Result<void> TsPlayer::run() {
  RETURN_IF_ERROR(check());
  ASSIGN_OR_RETURN(sink_,
                   make_sink(options_.config.sink, "mayfly: " + to_string(options_.url), loop_,
                             {.on_window_gone = [this](const Error& why) { on_window_gone(why); },
                              .on_notice = [this](const std::string& text) { say(text); }}));
  loop_.set_on_signal([this](int) { stop(); });
  line_timer_ = loop_.create([this] { update_line(); });
  stop_timer_ = loop_.create([this] { stop(); });
  resolve_next();
  loop_.run();
  keyboard_.reset();
  write_to_stderr(line_.end());
  return outcome_;
}

void TsPlayer::on_window_gone(const Error& why) {
  if (why.code != ErrorCode::Closed) broken_ = why;
  stop();
}

void TsPlayer::resolve_next() {
  const ClipUrl& url = options_.url;
  if (resolved_hosts_ == url.hosts.size()) return connect();
  resolver_.resolve(url.hosts[resolved_hosts_++], url.port,
                    [this](Result<std::vector<IpEndpoint>> found) {
                      if (!found) return end(failure(std::move(found).error()));
                      addresses_.insert(addresses_.end(), found->begin(), found->end());
                      resolve_next();
                    });
}

void TsPlayer::connect() {
  auto association = network_.connect(options_.url, addresses_);
  if (!association) return end(failure(std::move(association).error()));
  TsSession::Observer& observer = *this;
  session_ = std::make_unique<TsSession>(std::move(*association), loop_, loop_, loop_, *sink_,
                                         observer, ts_opener(loop_, to_string(options_.url)),
                                         session_options(options_.config));
  keyboard_ = Keyboard::open(loop_, [this](Key key) { on_key(key); });
}

void TsPlayer::stop() {
  if (session_) {
    session_->stop();
  } else {
    end({});
  }
}

void TsPlayer::end(Result<void> how) {
  outcome_ = std::move(how);
  loop_.stop();
}

void TsPlayer::update_line() {
  line_timer_->start(kLineInterval);
  if (auto text = line_.update(session_->stats(), loop_.now())) write_to_stderr(*text);
}

void TsPlayer::say(const std::string& sentence) {
  write_to_stderr(line_.end() + "mayfly: " + sentence + '\n');
}

void TsPlayer::on_key(Key key) {
  switch (key) {
    case Key::TogglePause:
      if (session_->is_paused()) {
        session_->resume();
      } else {
        session_->pause();
      }
      break;
    case Key::SeekBack:
    case Key::SeekForward: say("a stream that a stranger sends cannot be sought in"); break;
    case Key::Quit: stop(); break;
  }
}

void TsPlayer::on_playing(const std::vector<Track>&) {
  has_played_ = true;
  if (!options_.quiet) line_timer_->start(kLineInterval);
  if (options_.stop_after) stop_timer_->start(*options_.stop_after);
}

void TsPlayer::on_finished(const Result<void>& how) {
  line_timer_->stop();
  stop_timer_->stop();
  stats_ = session_->stats();
  stats_->url = to_string(options_.url);
  if (has_played_) stats_->clip = stats_->url;  // what never began has no name
  end(how && broken_ ? Result<void>(failure(*broken_)) : how);
}

}  // namespace mayfly
