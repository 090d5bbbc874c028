#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "client/gst/gst_handles.h"
#include "core/result.h"
#include "core/timer.h"

namespace mayfly {

// Listens to what a pipeline says from its own threads, and hands it to the loop.
class BusWatch {
 public:
  // Called from the loop, and never after the watch is destroyed.
  struct Listener {
    // The pipeline cannot go on; Closed when the viewer closed the window. `source` is the name of
    // the element that failed.
    std::function<void(const std::string& source, const Error& error)> on_error;
    std::function<void(const std::string& warning)> on_warning;
  };

  BusWatch(GstElement* pipeline, Executor& loop, Listener listener);
  BusWatch(const BusWatch&) = delete;
  BusWatch& operator=(const BusWatch&) = delete;
  ~BusWatch();

  // Blocks until everything was shown, the pipeline failed, or the time is over. Whether the first.
  [[nodiscard]] bool wait_for_end(Duration at_most);

 private:
  struct Shared;

  static GstBusSyncReply on_message(GstBus* bus, GstMessage* message, gpointer shared);

  GstRef<GstBus> bus_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace mayfly
