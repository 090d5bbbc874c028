#include "client/gst/gst_elements.h"

#include <array>

#include "client/gst/coded_format.h"
#include "client/gst/gst_handles.h"

// GLib keeps names where only pointers into their middle lead, which look like leaks; and what it
// allocates has no frames of ours on the stack to tell apart.
#ifdef __SANITIZE_ADDRESS__
extern "C" const char* __lsan_default_suppressions() { return "leak:libglib-2.0.so\n"; }  // NOLINT
extern "C" const char* __lsan_default_options() { return "print_suppressions=0"; }        // NOLINT
#endif

namespace mayfly {
namespace {

struct Needed {
  const char* element;
  const char* purpose;
  const char* package;
};

constexpr std::array kNeeded = {
    Needed{"appsrc", "takes the frames in", "gstreamer1.0-plugins-base"},
    Needed{"decodebin", "finds the decoder", "gstreamer1.0-plugins-base"},
    Needed{"queue", "decouples decoding from showing", "libgstreamer1.0-0"},
    Needed{"videoconvert", "gives the window the colours it takes", "gstreamer1.0-plugins-base"},
    Needed{"videoscale", "fits the picture to the window", "gstreamer1.0-plugins-base"},
    Needed{"audioconvert", "gives the sound card the samples it takes",
           "gstreamer1.0-plugins-base"},
    Needed{"audioresample", "gives the sound card the rate it takes", "gstreamer1.0-plugins-base"},
    Needed{"autovideosink", "opens the window", "gstreamer1.0-plugins-good"},
    Needed{"autoaudiosink", "finds the sound card", "gstreamer1.0-plugins-good"},
    Needed{"ximagesink", "draws on X11", "gstreamer1.0-x"},
};
constexpr std::array kCodecs = {"mpeg1video", "mpeg2video", "mpeg4", "h264",  "hevc",
                                "vp8",        "vp9",        "av1",   "aac",   "mp2",
                                "mp3",        "ac3",        "opus",  "vorbis"};

bool is_installed(const char* element) {
  GstElementFactory* factory = gst_element_factory_find(element);
  if (factory == nullptr) return false;
  gst_object_unref(factory);
  return true;
}

bool decodes(const char* codec) {
  Track track;
  track.codec = codec;
  // Enough for the name of the format; no decoder is opened.
  track.extradata = codec == std::string_view("vorbis")
                        ? Bytes{std::byte{2}, std::byte{1}, std::byte{1}, {}, {}, {}}
                        : Bytes{};
  const auto format = coded_format(track);
  return format && has_decoder_for(format->caps.get());
}

}  // namespace

Result<void> initialize_gst() {
  GError* raw = nullptr;
  if (gst_init_check(nullptr, nullptr, &raw) == TRUE) return {};
  const GErrorRef error(raw);
  return failure(ErrorCode::Unsupported, std::string("GStreamer does not start: ") +
                                             (error ? error->message : "no reason"));
}

std::vector<MissingElement> missing_gst_elements() {
  const bool started = initialize_gst().has_value();
  std::vector<MissingElement> missing;
  for (const Needed& each : kNeeded) {
    if (started && is_installed(each.element)) continue;
    missing.push_back({each.element, each.purpose, each.package});
  }
  for (const char* codec : kCodecs) {
    if (started && decodes(codec)) continue;
    missing.push_back({std::string("a decoder for ") + codec,
                       std::string("shows clips in ") + codec, decoder_package(codec)});
  }
  return missing;
}

}  // namespace mayfly
