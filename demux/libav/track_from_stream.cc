#include "demux/libav/track_from_stream.h"

extern "C" {
#include <libavcodec/codec_desc.h>
#include <libavformat/avformat.h>
#include <libavutil/dict.h>
}

namespace mayfly {
namespace {

Ratio ratio_from(AVRational rational) {
  if (rational.num <= 0 || rational.den <= 0) return {0, 1};
  return {rational.num, rational.den};
}

VideoParameters video_from(AVFormatContext& format, AVStream& stream) {
  const AVCodecParameters& parameters = *stream.codecpar;
  VideoParameters video;
  video.width = parameters.width;
  video.height = parameters.height;
  video.sample_aspect = ratio_from(av_guess_sample_aspect_ratio(&format, &stream, nullptr));
  video.frame_rate = ratio_from(av_guess_frame_rate(&format, &stream, nullptr));
  video.pixel_format = parameters.format;
  video.field_order = parameters.field_order;
  video.colour_range = parameters.color_range;
  video.colour_primaries = parameters.color_primaries;
  video.colour_transfer = parameters.color_trc;
  video.colour_space = parameters.color_space;
  video.chroma_location = parameters.chroma_location;
  video.frame_delay = parameters.video_delay;
  return video;
}

AudioParameters audio_from(const AVCodecParameters& parameters) {
  AudioParameters audio;
  audio.sample_rate = parameters.sample_rate;
  audio.channels = parameters.ch_layout.nb_channels;
  if (parameters.ch_layout.order == AV_CHANNEL_ORDER_NATIVE) {
    audio.channel_mask = parameters.ch_layout.u.mask;
  }
  audio.sample_format = parameters.format;
  audio.samples_per_frame = parameters.frame_size;
  audio.block_align = parameters.block_align;
  audio.bits_per_coded_sample = parameters.bits_per_coded_sample;
  audio.initial_padding = parameters.initial_padding;
  audio.seek_preroll = parameters.seek_preroll;
  return audio;
}

}  // namespace

Track track_from_stream(AVFormatContext& format, AVStream& stream, TrackId id) {
  const AVCodecParameters& parameters = *stream.codecpar;
  Track track;
  track.id = id;
  track.kind = parameters.codec_type == AVMEDIA_TYPE_VIDEO ? TrackKind::Video : TrackKind::Audio;
  track.codec = avcodec_get_name(parameters.codec_id);
  track.codec_tag = parameters.codec_tag;
  track.profile = parameters.profile;
  track.level = parameters.level;
  track.bit_rate = parameters.bit_rate;
  if (parameters.extradata != nullptr && parameters.extradata_size > 0) {
    const auto* bytes = reinterpret_cast<const std::byte*>(parameters.extradata);
    track.extradata.assign(bytes, bytes + parameters.extradata_size);
  }
  track.time_base = ratio_from(stream.time_base);
  if (track.kind == TrackKind::Video) {
    track.video = video_from(format, stream);
  } else {
    track.audio = audio_from(parameters);
  }
  const AVDictionaryEntry* language = av_dict_get(stream.metadata, "language", nullptr, 0);
  if (language != nullptr) track.language = language->value;
  return track;
}

}  // namespace mayfly
