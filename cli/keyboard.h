#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "transport/reactor.h"

namespace mayfly {

// What a viewer can ask for from the terminal.
enum class Key { TogglePause, SeekBack, SeekForward, Quit };

// Understands what a terminal sends: space or p, arrow left and right, q. Anything else is passed
// over; an escape sequence that is cut in two is understood all the same.
class KeyDecoder {
 public:
  [[nodiscard]] std::vector<Key> decode(std::string_view input);

 private:
  enum class State { Plain, Escape, Bracket };

  State state_ = State::Plain;
};

// The terminal on standard input, key by key, as long as it lives: the terminal's own settings come
// back when it is destroyed.
class Keyboard {
 public:
  // Nothing when standard input is not a terminal, or this process is not in its foreground.
  [[nodiscard]] static std::unique_ptr<Keyboard> open(Reactor& reactor,
                                                      std::function<void(Key)> on_key);
  virtual ~Keyboard() = default;
};

}  // namespace mayfly
