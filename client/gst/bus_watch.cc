#include "client/gst/bus_watch.h"

#include <fmt/format.h>

#include <utility>

namespace mayfly {
namespace {

struct Spoken {
  std::string source;
  Error error;
};

Spoken parse(GstMessage* message, void (*parser)(GstMessage*, GError**, gchar**)) {
  GError* raw_error = nullptr;
  char* raw_details = nullptr;
  parser(message, &raw_error, &raw_details);
  const GErrorRef error(raw_error);
  const GlibText details(raw_details);
  const GlibText source(gst_object_get_name(GST_MESSAGE_SRC(message)));
  // Sinks report a closed window as a resource that is no longer found.
  const bool closed = error && error->domain == GST_RESOURCE_ERROR &&
                      error->code == GST_RESOURCE_ERROR_NOT_FOUND && GST_IS_ELEMENT(message->src) &&
                      GST_OBJECT_FLAG_IS_SET(message->src, GST_ELEMENT_FLAG_SINK);
  if (closed) return {source.get(), {ErrorCode::Closed, "the window was closed"}};
  return {source.get(),
          {ErrorCode::Io,
           fmt::format("GStreamer: {} ({})", error ? error->message : "no reason", source.get())}};
}

// The pipeline's latency is set shorter than the decoders ask for, on purpose: what they ask for is
// in the times of the pictures already. The pipeline warns of it each time.
bool is_expected(GstMessage* warning) {
  GError* raw = nullptr;
  gst_message_parse_warning(warning, &raw, nullptr);
  const GErrorRef error(raw);
  return error && error->domain == GST_CORE_ERROR && error->code == GST_CORE_ERROR_CLOCK;
}

}  // namespace

// Outlives the watch while a streaming thread is still inside a message.
struct BusWatch::Shared : std::enable_shared_from_this<BusWatch::Shared> {
  Shared(Executor& its_loop, Listener its_listener)
      : loop(its_loop), listener(std::move(its_listener)) {}

  // Runs `work` on the loop if the watch is still there by then.
  void post(std::function<void(Shared&)> work) {
    loop.post([weak = weak_from_this(), work = std::move(work)] {
      if (const auto self = weak.lock(); self && self->watched) work(*self);
    });
  }
  void settle(bool reached_end) {
    const std::lock_guard lock(mutex);
    ended = reached_end;
    settled = true;
    changed.notify_all();
  }

  Executor& loop;
  Listener listener;
  bool watched = true;  // touched on the loop's thread only

  std::mutex mutex;
  std::condition_variable changed;
  bool settled = false;
  bool ended = false;
};

BusWatch::BusWatch(GstElement* pipeline, Executor& loop, Listener listener)
    : bus_(gst_element_get_bus(pipeline)),
      shared_(std::make_shared<Shared>(loop, std::move(listener))) {
  auto* for_the_bus = new std::shared_ptr<Shared>(shared_);
  gst_bus_set_sync_handler(bus_.get(), &BusWatch::on_message, for_the_bus, [](gpointer data) {
    delete static_cast<std::shared_ptr<Shared>*>(data);
  });
}

BusWatch::~BusWatch() {
  shared_->watched = false;
  gst_bus_set_sync_handler(bus_.get(), nullptr, nullptr, nullptr);
}

GstBusSyncReply BusWatch::on_message(GstBus* /*bus*/, GstMessage* message, gpointer data) {
  Shared& shared = **static_cast<std::shared_ptr<Shared>*>(data);
  const GstMessageType type = GST_MESSAGE_TYPE(message);
  if (type == GST_MESSAGE_EOS) {
    shared.settle(true);
  } else if (type == GST_MESSAGE_ERROR) {
    Spoken spoken = parse(message, gst_message_parse_error);
    shared.settle(false);
    shared.post([spoken = std::move(spoken)](Shared& self) {
      self.listener.on_error(spoken.source, spoken.error);
    });
  } else if (type == GST_MESSAGE_WARNING && !is_expected(message)) {
    Spoken spoken = parse(message, gst_message_parse_warning);
    shared.post(
        [text = std::move(spoken.error.message)](Shared& self) { self.listener.on_warning(text); });
  }
  gst_message_unref(message);
  return GST_BUS_DROP;
}

bool BusWatch::wait_for_end(Duration at_most) {
  std::unique_lock lock(shared_->mutex);
  // An error from before, which the pipeline survived, is no reason not to wait.
  shared_->settled = shared_->ended;
  return shared_->changed.wait_for(lock, at_most, [&] { return shared_->settled; }) &&
         shared_->ended;
}

}  // namespace mayfly
