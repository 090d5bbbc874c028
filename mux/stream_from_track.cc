#include "mux/stream_from_track.h"

extern "C" {
#include <libavcodec/codec_desc.h>
#include <libavformat/avformat.h>
#include <libavutil/mem.h>
}

#include <cstring>
#include <string_view>

namespace mayfly {
namespace {

AVRational rational(Ratio ratio) { return {ratio.numerator, ratio.denominator}; }

bool is_told(Ratio ratio) { return ratio.numerator > 0 && ratio.denominator > 0; }

void set_video(AVStream& stream, const VideoParameters& video) {
  AVCodecParameters& parameters = *stream.codecpar;
  parameters.width = video.width;
  parameters.height = video.height;
  parameters.format = video.pixel_format;
  parameters.field_order = static_cast<AVFieldOrder>(video.field_order);
  parameters.color_range = static_cast<AVColorRange>(video.colour_range);
  parameters.color_primaries = static_cast<AVColorPrimaries>(video.colour_primaries);
  parameters.color_trc = static_cast<AVColorTransferCharacteristic>(video.colour_transfer);
  parameters.color_space = static_cast<AVColorSpace>(video.colour_space);
  parameters.chroma_location = static_cast<AVChromaLocation>(video.chroma_location);
  parameters.video_delay = video.frame_delay;
  if (is_told(video.sample_aspect)) {
    parameters.sample_aspect_ratio = stream.sample_aspect_ratio = rational(video.sample_aspect);
  }
  if (is_told(video.frame_rate)) {
    stream.avg_frame_rate = stream.r_frame_rate = rational(video.frame_rate);
  }
}

void set_audio(AVCodecParameters& parameters, const AudioParameters& audio) {
  parameters.sample_rate = audio.sample_rate;
  parameters.format = audio.sample_format;
  parameters.frame_size = audio.samples_per_frame;
  parameters.block_align = audio.block_align;
  parameters.bits_per_coded_sample = audio.bits_per_coded_sample;
  parameters.initial_padding = audio.initial_padding;
  parameters.seek_preroll = audio.seek_preroll;
  if (audio.channel_mask == 0 ||
      av_channel_layout_from_mask(&parameters.ch_layout, audio.channel_mask) < 0) {
    av_channel_layout_default(&parameters.ch_layout, audio.channels);
  }
}

Result<void> set_extradata(AVCodecParameters& parameters, const Bytes& extradata) {
  if (extradata.empty()) return {};
  void* copy = av_mallocz(extradata.size() + AV_INPUT_BUFFER_PADDING_SIZE);
  if (copy == nullptr) return failure(ErrorCode::Exhausted, "no memory for a codec's parameters");
  std::memcpy(copy, extradata.data(), extradata.size());
  parameters.extradata = static_cast<uint8_t*>(copy);
  parameters.extradata_size = static_cast<int>(extradata.size());
  return {};
}

// AVI counts frames instead of telling times: its time base must be the duration of a frame.
Ratio time_base_for(const AVFormatContext& output, const Track& track) {
  const bool counts_frames = std::string_view(output.oformat->name) == "avi";
  if (counts_frames && track.kind == TrackKind::Video && is_told(track.video.frame_rate)) {
    return {track.video.frame_rate.denominator, track.video.frame_rate.numerator};
  }
  return is_told(track.time_base) ? track.time_base : Ratio{1, 1'000'000};
}

// The clip's own four letters, where this container means the same codec by them.
uint32_t tag_for(const AVOutputFormat& container, AVCodecID id, uint32_t tag) {
  if (container.codec_tag == nullptr) return 0;
  if (av_codec_get_id(container.codec_tag, tag) == id) return tag;
  unsigned own = 0;
  return av_codec_get_tag2(container.codec_tag, id, &own) == 0 ? tag : 0;
}

}  // namespace

Result<AVStream*> add_stream(AVFormatContext& output, const Track& track) {
  const AVCodecDescriptor* codec = avcodec_descriptor_get_by_name(track.codec.c_str());
  if (codec == nullptr) return failure(ErrorCode::Unsupported, "no codec is called " + track.codec);
  AVStream* stream = avformat_new_stream(&output, nullptr);
  if (stream == nullptr) return failure(ErrorCode::Exhausted, "no memory for a track");

  AVCodecParameters& parameters = *stream->codecpar;
  parameters.codec_type = codec->type;
  parameters.codec_id = codec->id;
  parameters.codec_tag = tag_for(*output.oformat, codec->id, track.codec_tag);
  parameters.profile = track.profile;
  parameters.level = track.level;
  parameters.bit_rate = track.bit_rate;
  RETURN_IF_ERROR(set_extradata(parameters, track.extradata));
  if (track.kind == TrackKind::Video) {
    set_video(*stream, track.video);
  } else {
    set_audio(parameters, track.audio);
  }
  stream->time_base = rational(time_base_for(output, track));
  if (!track.language.empty()) {
    av_dict_set(&stream->metadata, "language", track.language.c_str(), 0);
  }
  return stream;
}

}  // namespace mayfly
