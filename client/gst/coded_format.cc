#include "client/gst/coded_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "client/gst/xiph_headers.h"

namespace mayfly {
namespace {

// What a decoder wants to know besides the name.
enum class Extra { None, CodecData, Nal, Av1, Aac, Opus, Xiph, Flac };

struct Row {
  std::string_view codec;  // libavcodec's name
  const char* caps;
  Extra extra = Extra::None;
  std::string_view package = "gstreamer1.0-libav";
};

constexpr std::string_view kGood = "gstreamer1.0-plugins-good";
constexpr std::string_view kBase = "gstreamer1.0-plugins-base";
constexpr std::string_view kBad = "gstreamer1.0-plugins-bad";

constexpr std::array kRows = {
    Row{"mpeg1video", "video/mpeg, mpegversion=(int)1, systemstream=(boolean)false"},
    Row{"mpeg2video", "video/mpeg, mpegversion=(int)2, systemstream=(boolean)false"},
    Row{"mpeg4", "video/mpeg, mpegversion=(int)4, systemstream=(boolean)false", Extra::CodecData},
    Row{"msmpeg4v1", "video/x-msmpeg, msmpegversion=(int)41"},
    Row{"msmpeg4v2", "video/x-msmpeg, msmpegversion=(int)42"},
    Row{"msmpeg4v3", "video/x-msmpeg, msmpegversion=(int)43"},
    Row{"wmv1", "video/x-wmv, wmvversion=(int)1", Extra::CodecData},
    Row{"wmv2", "video/x-wmv, wmvversion=(int)2", Extra::CodecData},
    Row{"wmv3", "video/x-wmv, wmvversion=(int)3, format=(string)WMV3", Extra::CodecData},
    Row{"vc1", "video/x-wmv, wmvversion=(int)3, format=(string)WVC1", Extra::CodecData},
    Row{"h261", "video/x-h261"},
    Row{"h263", "video/x-h263, variant=(string)itu"},
    Row{"h263p", "video/x-h263, variant=(string)itu"},
    Row{"flv1", "video/x-flash-video, flvversion=(int)1"},
    Row{"h264", "video/x-h264, alignment=(string)au", Extra::Nal},
    Row{"hevc", "video/x-h265, alignment=(string)au", Extra::Nal},
    Row{"vp6", "video/x-vp6"},
    Row{"vp6f", "video/x-vp6-flash"},
    Row{"vp8", "video/x-vp8", Extra::None, kGood},
    Row{"vp9", "video/x-vp9", Extra::None, kGood},
    Row{"av1", "video/x-av1, stream-format=(string)obu-stream, alignment=(string)tu", Extra::Av1,
        kBad},
    Row{"mjpeg", "image/jpeg, parsed=(boolean)true", Extra::None, kGood},
    Row{"png", "image/png", Extra::None, kGood},
    Row{"theora", "video/x-theora", Extra::Xiph, kBase},
    Row{"dvvideo", "video/x-dv, systemstream=(boolean)false"},
    Row{"ffv1", "video/x-ffv, ffvversion=(int)1", Extra::CodecData},
    Row{"huffyuv", "video/x-huffyuv", Extra::CodecData},
    Row{"cinepak", "video/x-cinepak"},
    Row{"mp1", "audio/mpeg, mpegversion=(int)1, layer=(int)1", Extra::None, kGood},
    Row{"mp2", "audio/mpeg, mpegversion=(int)1, layer=(int)2", Extra::None, kGood},
    Row{"mp3", "audio/mpeg, mpegversion=(int)1, layer=(int)3", Extra::None, kGood},
    Row{"aac", "audio/mpeg, mpegversion=(int)4", Extra::Aac},
    Row{"aac_latm", "audio/mpeg, mpegversion=(int)4, stream-format=(string)loas"},
    Row{"ac3", "audio/x-ac3"},
    Row{"eac3", "audio/x-eac3"},
    Row{"dts", "audio/x-dts"},
    Row{"opus", "audio/x-opus", Extra::Opus, kBase},
    Row{"vorbis", "audio/x-vorbis", Extra::Xiph, kBase},
    Row{"flac", "audio/x-flac, framed=(boolean)true", Extra::Flac, kGood},
    Row{"alac", "audio/x-alac", Extra::CodecData},
    Row{"wmav1", "audio/x-wma, wmaversion=(int)1", Extra::CodecData},
    Row{"wmav2", "audio/x-wma, wmaversion=(int)2", Extra::CodecData},
    Row{"amrnb", "audio/AMR", Extra::None, kGood},
    Row{"amrwb", "audio/AMR-WB"},
    Row{"pcm_alaw", "audio/x-alaw", Extra::None, kGood},
    Row{"pcm_mulaw", "audio/x-mulaw", Extra::None, kGood},
    Row{"pcm_u8", "audio/x-raw, format=(string)U8", Extra::None, kBase},
    Row{"pcm_s8", "audio/x-raw, format=(string)S8", Extra::None, kBase},
    Row{"pcm_s16le", "audio/x-raw, format=(string)S16LE", Extra::None, kBase},
    Row{"pcm_s16be", "audio/x-raw, format=(string)S16BE", Extra::None, kBase},
    Row{"pcm_s24le", "audio/x-raw, format=(string)S24LE", Extra::None, kBase},
    Row{"pcm_s24be", "audio/x-raw, format=(string)S24BE", Extra::None, kBase},
    Row{"pcm_s32le", "audio/x-raw, format=(string)S32LE", Extra::None, kBase},
    Row{"pcm_f32le", "audio/x-raw, format=(string)F32LE", Extra::None, kBase},
    Row{"pcm_f64le", "audio/x-raw, format=(string)F64LE", Extra::None, kBase},
};

const Row* row_of(std::string_view codec) {
  const auto found =
      std::find_if(kRows.begin(), kRows.end(), [&](const Row& row) { return row.codec == codec; });
  return found == kRows.end() ? nullptr : &*found;
}

void set_codec_data(GstCaps* caps, ByteView bytes) {
  GstBuffer* buffer = gst_buffer_new_memdup(bytes.data(), bytes.size());
  gst_caps_set_simple(caps, "codec_data", GST_TYPE_BUFFER, buffer, nullptr);
  gst_buffer_unref(buffer);
}

void set_text(GstCaps* caps, const char* key, const char* value) {
  gst_caps_set_simple(caps, key, G_TYPE_STRING, value, nullptr);
}

// The parameter record of ISO/IEC 14496-15 begins with version 1; anything else, start codes
// included, means the NAL units come with start codes (H.264 annex B).
bool is_configuration_record(ByteView extradata) {
  return extradata.size() >= 7 && extradata.front() == std::byte{1};
}

void add_nal_format(GstCaps* caps, const Track& track) {
  if (!is_configuration_record(track.extradata)) {
    set_text(caps, "stream-format", "byte-stream");
    return;
  }
  set_text(caps, "stream-format", track.codec == "h264" ? "avc" : "hvc1");
  set_codec_data(caps, track.extradata);
}

// In MP4 and Matroska the parameters stand apart and frames are bare; in MPEG-TS each frame has an
// ADTS header.
void add_aac_format(GstCaps* caps, const Track& track) {
  const bool bare = !track.extradata.empty();
  set_text(caps, "stream-format", bare ? "raw" : "adts");
  if (!bare) return;
  gst_caps_set_simple(caps, "framed", G_TYPE_BOOLEAN, TRUE, nullptr);
  set_codec_data(caps, track.extradata);
}

// RFC 7845 5.1: "OpusHead", version, channels, pre-skip (2), rate (4), gain (2), mapping family,
// and for other families than 0 the numbers of streams and of coupled streams, and the mapping.
void add_opus_format(GstCaps* caps, const Track& track) {
  const auto byte = [&](size_t at) { return std::to_integer<int>(track.extradata[at]); };
  const size_t size = track.extradata.size();
  const int family = size >= 19 ? byte(18) : 0;
  const auto channels = static_cast<size_t>(size >= 19 ? byte(9) : track.audio.channels);
  gst_caps_set_simple(caps, "channel-mapping-family", G_TYPE_INT, family, nullptr);
  if (family == 0 || size < 21 + channels) return;
  gst_caps_set_simple(caps, "stream-count", G_TYPE_INT, byte(19), "coupled-count", G_TYPE_INT,
                      byte(20), nullptr);
  GValue mapping = G_VALUE_INIT;
  g_value_init(&mapping, GST_TYPE_ARRAY);
  for (size_t i = 0; i < channels; ++i) {
    GValue each = G_VALUE_INIT;
    g_value_init(&each, G_TYPE_INT);
    g_value_set_int(&each, byte(21 + i));
    gst_value_array_append_and_take_value(&mapping, &each);
  }
  gst_caps_set_value(caps, "channel-mapping", &mapping);
  g_value_unset(&mapping);
}

// libav keeps only the STREAMINFO block; decoders want it as the beginning of a FLAC stream: the
// marker, and the block with its header (last block, type 0, 24-bit length).
Result<std::vector<Bytes>> flac_headers(ByteView extradata) {
  constexpr size_t kStreamInfoBytes = 34;
  if (extradata.size() < kStreamInfoBytes) {
    return failure(ErrorCode::Malformed, "the track has no STREAMINFO");
  }
  Bytes block;
  ByteWriter writer(block);
  writer.u32(0x80000000U | kStreamInfoBytes);
  writer.append(extradata.first(kStreamInfoBytes));
  const ByteView marker = as_bytes("fLaC");
  return std::vector<Bytes>{Bytes(marker.begin(), marker.end()), std::move(block)};
}

void add_picture_format(GstCaps* caps, const VideoParameters& video) {
  if (video.width > 0 && video.height > 0) {
    gst_caps_set_simple(caps, "width", G_TYPE_INT, video.width, "height", G_TYPE_INT, video.height,
                        nullptr);
  }
  if (video.frame_rate.numerator > 0 && video.frame_rate.denominator > 0) {
    gst_caps_set_simple(caps, "framerate", GST_TYPE_FRACTION, video.frame_rate.numerator,
                        video.frame_rate.denominator, nullptr);
  }
  if (video.sample_aspect.numerator > 0 && video.sample_aspect.denominator > 0) {
    gst_caps_set_simple(caps, "pixel-aspect-ratio", GST_TYPE_FRACTION,
                        video.sample_aspect.numerator, video.sample_aspect.denominator, nullptr);
  }
}

void add_sound_format(GstCaps* caps, const Track& track) {
  const AudioParameters& audio = track.audio;
  if (audio.sample_rate > 0) {
    gst_caps_set_simple(caps, "rate", G_TYPE_INT, audio.sample_rate, nullptr);
  }
  if (audio.channels > 0) {
    gst_caps_set_simple(caps, "channels", G_TYPE_INT, audio.channels, nullptr);
  }
  if (track.codec.starts_with("pcm_s") || track.codec.starts_with("pcm_u") ||
      track.codec.starts_with("pcm_f")) {
    set_text(caps, "layout", "interleaved");
    // libav's channel masks count the speakers as GStreamer's do.
    if (audio.channels > 1 && audio.channel_mask != 0) {
      gst_caps_set_simple(caps, "channel-mask", GST_TYPE_BITMASK, audio.channel_mask, nullptr);
    }
  }
  if (track.codec.starts_with("wma")) {
    gst_caps_set_simple(caps, "block_align", G_TYPE_INT, audio.block_align, "bitrate", G_TYPE_INT,
                        static_cast<int>(track.bit_rate), nullptr);
  }
}

Result<void> add_extra(CodedFormat& format, const Track& track, Extra extra) {
  GstCaps* caps = format.caps.get();
  switch (extra) {
    case Extra::None: break;
    case Extra::CodecData:
      if (!track.extradata.empty()) set_codec_data(caps, track.extradata);
      break;
    case Extra::Nal: add_nal_format(caps, track); break;
    case Extra::Av1:
      // AV1CodecConfigurationRecord: marker bit and version 1. Else it is a bare sequence header,
      // which keyframes carry too.
      if (!track.extradata.empty() && track.extradata.front() == std::byte{0x81}) {
        set_codec_data(caps, track.extradata);
      }
      break;
    case Extra::Aac: add_aac_format(caps, track); break;
    case Extra::Opus: add_opus_format(caps, track); break;
    case Extra::Xiph: {
      ASSIGN_OR_RETURN(format.headers, split_xiph_headers(track.extradata));
      break;
    }
    case Extra::Flac: {
      ASSIGN_OR_RETURN(format.headers, flac_headers(track.extradata));
      break;
    }
  }
  return {};
}

}  // namespace

Result<CodedFormat> coded_format(const Track& track) {
  const Row* row = row_of(track.codec);
  if (row == nullptr) {
    return failure(
        ErrorCode::Unsupported,
        fmt::format("{} cannot be shown: it is not a codec this player knows how to hand "
                    "to GStreamer; it can be recorded (--sink FILE.mkv)",
                    track.codec));
  }
  CodedFormat format{.caps = GstCapsRef(gst_caps_from_string(row->caps)), .headers = {}};
  if (track.kind == TrackKind::Video) {
    add_picture_format(format.caps.get(), track.video);
  } else {
    add_sound_format(format.caps.get(), track);
  }
  if (auto added = add_extra(format, track, row->extra); !added) {
    return failure(added.error().in(track.codec));
  }
  return format;
}

bool has_decoder_for(const GstCaps* caps) {
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  if (std::string_view(gst_structure_get_name(structure)) == "audio/x-raw") return true;
  GList* decoders =
      gst_element_factory_list_get_elements(GST_ELEMENT_FACTORY_TYPE_DECODER, GST_RANK_MARGINAL);
  // Decoders are picky about framing, which parsers in front of them repair: compare only the
  // media type and the version in it.
  GstCapsRef essence(gst_caps_new_empty());
  GstStructure* bare = gst_structure_new_empty(gst_structure_get_name(structure));
  for (const char* key : {"mpegversion", "layer", "msmpegversion", "wmvversion", "wmaversion",
                          "flvversion", "ffvversion", "systemstream", "format", "variant"}) {
    if (const GValue* value = gst_structure_get_value(structure, key)) {
      gst_structure_set_value(bare, key, value);
    }
  }
  gst_caps_append_structure(essence.get(), bare);
  GList* fitting = gst_element_factory_list_filter(decoders, essence.get(), GST_PAD_SINK, FALSE);
  const bool found = fitting != nullptr;
  gst_plugin_feature_list_free(fitting);
  gst_plugin_feature_list_free(decoders);
  return found;
}

std::string decoder_package(const std::string& codec) {
  const Row* row = row_of(codec);
  return std::string(row == nullptr ? "gstreamer1.0-libav" : row->package);
}

}  // namespace mayfly
