#include "cli/player.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/output.h"
#include "cli/sink_choice.h"

namespace mayfly {
namespace {

constexpr Duration kSeekStep = 10s;
constexpr Duration kLineTick = 250ms;

ClientOptions client_options(const PlayConfig& config) {
  ClientOptions options;
  options.report_interval = config.report_interval;
  options.playback.playout.catch_up = config.catch_up;
  options.playback.playout.max_bytes = config.buffer_bytes;
  return options;
}

}  // namespace

Player::Player(PlayerOptions options)
    : options_(std::move(options)),
      network_(loop_, {options_.config.transport, options_.config.transport_options,
                       options_.config.kernel_options, options_.impairment}),
      resolver_(loop_),
      line_({.rewrites = stderr_is_terminal(), .columns = terminal_columns()}),
      path_lines_({.burst = 10, .every = 5s}) {}

Player::~Player() { session_.reset(); }

Result<void> Player::check() const { return network_.check_kernel_options({options_.url}); }

Result<void> Player::run() {
  RETURN_IF_ERROR(check());
  RETURN_IF_ERROR(make_sink());
  loop_.set_on_signal([this](int) { stop(); });
  line_timer_ = loop_.create([this] { update_line(); });
  stop_timer_ = loop_.create([this] { stop(); });
  resolve_next();
  loop_.run();
  keyboard_.reset();
  write_to_stderr(line_.end());
  return outcome_;
}

Result<void> Player::make_sink() {
  const bool only_lists = options_.url.clip.empty();
  ASSIGN_OR_RETURN(
      sink_, mayfly::make_sink(only_lists ? "none" : options_.config.sink,
                               "mayfly: " + options_.url.clip, loop_,
                               {.on_window_gone = [this](const Error& why) { on_window_gone(why); },
                                .on_notice = [this](const std::string& text) { say(text); }}));
  return {};
}

void Player::on_window_gone(const Error& why) {
  // Whoever closes the window has seen enough. That a window broke is a failure, also of a player
  // that stands paused and would not notice.
  if (why.code != ErrorCode::Closed) broken_ = why;
  stop();
}

void Player::resolve_next() {
  const ClipUrl& url = options_.url;
  if (resolved_hosts_ == url.hosts.size()) return connect();
  resolver_.resolve(url.hosts[resolved_hosts_++], url.port,
                    [this](Result<std::vector<IpEndpoint>> found) {
                      if (!found) return end(failure(std::move(found).error()));
                      addresses_.insert(addresses_.end(), found->begin(), found->end());
                      resolve_next();
                    });
}

void Player::connect() {
  auto association = network_.connect(options_.url, addresses_);
  if (!association) return end(failure(std::move(association).error()));
  ClientSession::Observer& observer = *this;
  session_ = std::make_unique<ClientSession>(std::move(*association), loop_, loop_, *sink_,
                                             observer, client_options(options_.config));
  if (options_.url.clip.empty()) return session_->list_clips();
  PlayRequest request{.clip = options_.url.clip,
                      .position = options_.position,
                      .playout_delay = options_.config.playout_delay.value_or(Duration::zero()),
                      .loop = options_.config.loop};
  session_->play(std::move(request));
  keyboard_ = Keyboard::open(loop_, [this](Key key) { on_key(key); });
}

bool Player::connect_to_next() {
  const auto stack = network_.stack_for(options_.url.scheme);
  const bool knows_all = !stack || *stack == TransportChoice::Kernel;
  if (knows_all || is_stopping_ || addresses_.size() < 2) return false;
  const std::string silent = to_string(addresses_.front());
  addresses_.erase(addresses_.begin());
  if (!options_.quiet) {
    say(fmt::format("{} does not answer; trying {}", silent, to_string(addresses_.front())));
  }
  // Not from inside the session that ends.
  loop_.post([this] {
    if (is_stopping_) return end({});
    keyboard_.reset();
    session_.reset();
    connect();
  });
  return true;
}

void Player::stop() {
  is_stopping_ = true;
  if (session_) {
    session_->stop();
  } else {
    end({});
  }
}

void Player::end(Result<void> how) {
  outcome_ = std::move(how);
  loop_.stop();
}

void Player::update_line() {
  line_timer_->start(kLineTick);
  if (auto text = line_.update(session_->stats(), loop_.now())) write_to_stderr(*text);
}

void Player::say(const std::string& sentence) {
  write_to_stderr(line_.end() + "mayfly: " + sentence + '\n');
}

void Player::on_key(Key key) {
  const auto jump = [this](Duration by) {
    // Of two jumps in a row the second goes on from where the first leads.
    const auto from = sought_ ? sought_ : session_->position();
    if (!from) return;
    sought_ = std::max(MediaTime{}, *from + by);
    session_->seek(*sought_);
  };
  switch (key) {
    case Key::TogglePause:
      if (session_->state() == ClientSession::State::Paused) {
        session_->resume();
      } else {
        session_->pause();
      }
      break;
    case Key::SeekBack: jump(-kSeekStep); break;
    case Key::SeekForward: jump(kSeekStep); break;
    case Key::Quit: stop(); break;
  }
}

void Player::on_catalogue(const std::vector<wire::CatalogueEntry>& clips) {
  clips_ = clips;
  session_->stop();
}

void Player::on_playing(const wire::Playing&) {
  sought_.reset();
  if (!options_.quiet && !line_timer_->is_running()) line_timer_->start(kLineTick);
  if (options_.stop_after && !stop_timer_->is_running()) stop_timer_->start(*options_.stop_after);
  for (const auto& [frame_class, lifetime] : options_.lifetimes) {
    session_->set_delivery(frame_class, lifetime);
  }
  options_.lifetimes.clear();  // asked for once: a seek begins a playout too
}

void Player::on_refused(const Error& why) {
  sought_.reset();
  // The clip broke off at the server: what came before is played to its end, and then this is how
  // it ended. Other refusals answer what the viewer asked for, and playing goes on.
  if (why.code == ErrorCode::Malformed || why.code == ErrorCode::Io) {
    broken_ = why;
  } else {
    say(why.message);
  }
}

// Paths as they are found are no news; those that change while a clip plays are, where another
// carries on. When the only one does not answer, that is how the connection ends, and is told then.
void Player::on_transport_event(const TransportEvent& event) {
  if (!is_of_path(event.kind) || session_ == nullptr || !session_->playing()) return;
  if (event.kind == TransportEventKind::PathConfirmed) return;
  if (session_->stats().association.paths.size() < 2) return;
  const auto verdict = path_lines_.ask("path", loop_.now());
  if (!verdict.is_let_through) return;
  const std::string more =
      verdict.suppressed == 0 ? "" : fmt::format(", {} more changes", verdict.suppressed);
  say(fmt::format("sctp event={} address={}{}", to_string(event.kind), event.address, more));
}

void Player::on_finished(const Result<void>& how) {
  if (!how && !session_->has_connected() && connect_to_next()) return;
  line_timer_->stop();
  stop_timer_->stop();
  stats_ = session_->stats();
  stats_->url = to_string(options_.url);
  if (options_.impairment) stats_->impairment = to_text(*options_.impairment);
  // What came after the clip broke off is its consequence.
  end(broken_ ? Result<void>(failure(*broken_)) : how);
}

}  // namespace mayfly
