#include "client/gst/display.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "client/gst/gst_handles.h"

namespace mayfly {
namespace {

constexpr std::string_view kHeadless =
    "play with --sink none, or record with --sink FILE.mkv, where there is no display";

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

// autovideosink falls back to a sink that shows nothing, without an error.
bool shows_nothing(GstElement* sink) {
  if (!GST_IS_BIN(sink)) return false;
  GstIterator* children = gst_bin_iterate_recurse(GST_BIN(sink));
  GValue value = G_VALUE_INIT;
  bool fake = false;
  while (gst_iterator_next(children, &value) == GST_ITERATOR_OK) {
    const GlibText name(gst_object_get_name(GST_OBJECT(g_value_get_object(&value))));
    fake = fake || std::string_view(name.get()).starts_with("fake");
    g_value_reset(&value);
  }
  g_value_unset(&value);
  gst_iterator_free(children);
  return fake;
}

bool opens(const char* sink_name) {
  GstElement* floating = gst_element_factory_make(sink_name, nullptr);
  if (floating == nullptr) return false;
  const GstRef<GstElement> sink(GST_ELEMENT(gst_object_ref_sink(floating)));
  const auto change = gst_element_set_state(sink.get(), GST_STATE_READY);
  gst_element_set_state(sink.get(), GST_STATE_NULL);
  return change != GST_STATE_CHANGE_FAILURE;
}

// A sink may still be naming its window when the viewer closes it. Of that error Xlib would end the
// process; the sink tells of a window that has gone anyway. Looked up, as no header of Xlib is
// needed for it, and where there is no Xlib no sink uses it.
void outlive_closed_windows() {
  using Handler = int (*)(void* display, void* error);
  void* const xlib = dlopen("libX11.so.6", RTLD_LAZY);
  if (xlib == nullptr) return;
  const auto set_handler = reinterpret_cast<Handler (*)(Handler)>(dlsym(xlib, "XSetErrorHandler"));
  if (set_handler != nullptr) set_handler([](void*, void*) { return 0; });
}

Error no_window() {
  return {ErrorCode::Unsupported,
          fmt::format("no window opens on display {}: {}",
                      is_set("DISPLAY") ? std::getenv("DISPLAY") : std::getenv("WAYLAND_DISPLAY"),
                      kHeadless)};
}

}  // namespace

Result<void> check_video_sink(const std::string& description) {
  const bool automatic = description == "autovideosink";
  if (automatic && !is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY")) {
    return failure(ErrorCode::Unsupported,
                   fmt::format("there is no display to open a window on (neither DISPLAY nor "
                               "WAYLAND_DISPLAY is set): {}",
                               kHeadless));
  }
  // The plainest sink tells whether the X server answers; some of those autovideosink tries after
  // it do not survive one that does not.
  if (automatic && !is_set("WAYLAND_DISPLAY") && !opens("ximagesink")) return failure(no_window());
  outlive_closed_windows();
  GError* raw = nullptr;
  GstElement* floating = gst_parse_bin_from_description(description.c_str(), TRUE, &raw);
  const GErrorRef error(raw);
  if (floating == nullptr || error) {
    if (floating != nullptr) gst_object_unref(floating);
    return failure(ErrorCode::Unsupported,
                   fmt::format("the video sink \"{}\" cannot be made: {}", description,
                               error ? error->message : "no reason"));
  }
  const GstRef<GstElement> sink(GST_ELEMENT(gst_object_ref_sink(floating)));
  const bool opened =
      gst_element_set_state(sink.get(), GST_STATE_READY) != GST_STATE_CHANGE_FAILURE;
  const bool usable = opened && !(automatic && shows_nothing(sink.get()));
  gst_element_set_state(sink.get(), GST_STATE_NULL);
  if (usable) return {};
  return failure(automatic
                     ? no_window()
                     : Error{ErrorCode::Unsupported,
                             fmt::format("the video sink \"{}\" does not open", description)});
}

}  // namespace mayfly
