#include "cli/sink_choice.h"

#include <utility>

#include "client/counting_sink.h"
#include "client/gst/gst_player.h"
#include "mux/recorder.h"

namespace mayfly {

Result<std::unique_ptr<FrameSink>> make_sink(const std::string& choice, const std::string& title,
                                             EventLoop& loop, SinkCallbacks callbacks) {
  if (choice == "none") return std::make_unique<CountingSink>();
  if (choice != "auto") return Recorder::create(choice);
  GstPlayerOptions window;
  window.title = title;
  const auto notice = callbacks.on_notice;
  auto player = GstPlayer::create(window, loop, loop,
                                  {.on_ended = std::move(callbacks.on_window_gone),
                                   .on_warning = std::move(callbacks.on_notice)});
  if (player) return std::unique_ptr<FrameSink>(std::move(*player));
  notice(player.error().message + "; playing without a picture");
  return std::make_unique<CountingSink>();
}

}  // namespace mayfly
