#include "cli/keyboard.h"

#include <termios.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace mayfly {
namespace {

// A background process that touched the terminal's settings would be stopped.
bool is_ours() { return tcgetpgrp(STDIN_FILENO) == getpgrp(); }

class TerminalKeyboard final : public Keyboard {
 public:
  TerminalKeyboard(Reactor& reactor, const termios& before, std::function<void(Key)> on_key)
      : before_(before), on_key_(std::move(on_key)) {
    watch_ = reactor.watch(
        STDIN_FILENO, [this] { read_keys(); }, [] {});
  }
  ~TerminalKeyboard() override {
    watch_.reset();
    if (is_ours()) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  TerminalKeyboard(const TerminalKeyboard&) = delete;
  TerminalKeyboard& operator=(const TerminalKeyboard&) = delete;

 private:
  void read_keys() {
    std::array<char, 64> input{};
    const ssize_t count = read(STDIN_FILENO, input.data(), input.size());
    if (count <= 0) {
      watch_.reset();  // the terminal is gone; playing goes on
      return;
    }
    for (const Key key : decoder_.decode({input.data(), static_cast<size_t>(count)})) on_key_(key);
  }

  termios before_;
  std::function<void(Key)> on_key_;
  KeyDecoder decoder_;
  std::unique_ptr<Reactor::Watch> watch_;
};

}  // namespace

std::vector<Key> KeyDecoder::decode(std::string_view input) {
  std::vector<Key> keys;
  for (const char each : input) {
    const State before = std::exchange(state_, State::Plain);
    if (before == State::Escape && each == '[') {
      state_ = State::Bracket;
    } else if (before == State::Bracket) {
      if (each == 'D') keys.push_back(Key::SeekBack);
      if (each == 'C') keys.push_back(Key::SeekForward);
    } else if (each == '\x1b') {
      state_ = State::Escape;
    } else if (each == ' ' || each == 'p') {
      keys.push_back(Key::TogglePause);
    } else if (each == 'q') {
      keys.push_back(Key::Quit);
    }
  }
  return keys;
}

std::unique_ptr<Keyboard> Keyboard::open(Reactor& reactor, std::function<void(Key)> on_key) {
  termios before{};
  if (isatty(STDIN_FILENO) == 0 || !is_ours() || tcgetattr(STDIN_FILENO, &before) != 0) {
    return nullptr;
  }
  termios raw = before;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) != 0) return nullptr;
  return std::make_unique<TerminalKeyboard>(reactor, before, std::move(on_key));
}

}  // namespace mayfly
