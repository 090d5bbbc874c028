#pragma once

#include <string>
#include <vector>

#include "client/gst/gst_handles.h"
#include "core/bytes.h"
#include "core/result.h"
#include "core/track.h"

namespace mayfly {

// How GStreamer calls what a track carries.
struct CodedFormat {
  GstCapsRef caps;
  // What decoders of some codecs (Theora, Vorbis, FLAC) must be fed before the first frame.
  std::vector<Bytes> headers;
};

// Fails with Unsupported when GStreamer has no name for the codec, and with Malformed when the
// track's parameters are not what the codec prescribes.
[[nodiscard]] Result<CodedFormat> coded_format(const Track& track);

// Whether an element is installed that decodes such caps (or takes them as they are, for PCM).
[[nodiscard]] bool has_decoder_for(const GstCaps* caps);
// The Debian package that brings GStreamer's decoder for a codec named as libavcodec names it.
[[nodiscard]] std::string decoder_package(const std::string& codec);

}  // namespace mayfly
