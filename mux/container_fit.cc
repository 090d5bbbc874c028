#include "mux/container_fit.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace mayfly {
namespace {

// libavformat does not tell which codecs these two take; others it writes as private streams that
// no player knows.
constexpr std::array kMpegTsCodecs = {
    AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG4, AV_CODEC_ID_H264,
    AV_CODEC_ID_HEVC,       AV_CODEC_ID_VC1,        AV_CODEC_ID_DIRAC, AV_CODEC_ID_CAVS,
    AV_CODEC_ID_MP1,        AV_CODEC_ID_MP2,        AV_CODEC_ID_MP3,   AV_CODEC_ID_AAC,
    AV_CODEC_ID_AAC_LATM,   AV_CODEC_ID_AC3,        AV_CODEC_ID_EAC3,  AV_CODEC_ID_DTS,
    AV_CODEC_ID_TRUEHD,     AV_CODEC_ID_OPUS,       AV_CODEC_ID_S302M};
constexpr std::array kMpegPsCodecs = {
    AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MP1, AV_CODEC_ID_MP2,
    AV_CODEC_ID_MP3,        AV_CODEC_ID_AC3,        AV_CODEC_ID_DTS, AV_CODEC_ID_PCM_S16BE};
constexpr std::array kMpegPsNames = {"mpeg", "vcd", "svcd", "dvd", "vob"};
constexpr std::array kSuggestions = {"mkv", "mp4", "ts", "avi", "webm"};

bool has(std::span<const AVCodecID> codecs, AVCodecID id) {
  return std::find(codecs.begin(), codecs.end(), id) != codecs.end();
}

bool takes_codec(const AVOutputFormat& container, AVCodecID id) {
  const std::string_view name = container.name;
  if (name == "mpegts") return has(kMpegTsCodecs, id);
  if (std::find(kMpegPsNames.begin(), kMpegPsNames.end(), name) != kMpegPsNames.end()) {
    return has(kMpegPsCodecs, id);
  }
  const int answer = avformat_query_codec(&container, id, FF_COMPLIANCE_NORMAL);
  if (answer >= 0) return answer == 1;
  return id == container.video_codec || id == container.audio_codec;
}

bool takes(const AVOutputFormat& container, const Track& track) {
  const AVCodecDescriptor* codec = avcodec_descriptor_get_by_name(track.codec.c_str());
  return codec != nullptr && takes_codec(container, codec->id);
}

// Elementary streams without a container around them.
bool holds_one_track(const AVOutputFormat& container) {
  return (container.flags & AVFMT_NOTIMESTAMPS) != 0;
}

bool takes_all(const AVOutputFormat& container, const std::vector<Track>& tracks) {
  if (holds_one_track(container) && tracks.size() > 1) return false;
  return std::all_of(tracks.begin(), tracks.end(),
                     [&](const Track& each) { return takes(container, each); });
}

std::string suggestion(const std::vector<Track>& tracks) {
  for (const char* extension : kSuggestions) {
    const AVOutputFormat* other =
        av_guess_format(nullptr, fmt::format("x.{}", extension).c_str(), nullptr);
    if (other != nullptr && takes_all(*other, tracks)) {
      return fmt::format("; a .{} file takes this clip", extension);
    }
  }
  return "; no container of this build takes this clip";
}

}  // namespace

Result<const AVOutputFormat*> container_for(const std::filesystem::path& file) {
  const std::string extension = file.extension().string();
  const std::string attempt = "record to " + file.string();
  const AVOutputFormat* container =
      extension.empty() ? nullptr : av_guess_format(nullptr, ("x" + extension).c_str(), nullptr);
  if (container == nullptr) {
    return failure(
        ErrorCode::Unsupported,
        fmt::format("{}: {}; a name that ends in .mkv, .mp4 or .ts says the container", attempt,
                    extension.empty() ? "the name has no extension"
                                      : fmt::format("no container is known by \"{}\"", extension)));
  }
  if ((container->flags & AVFMT_NOFILE) != 0) {
    return failure(ErrorCode::Unsupported,
                   fmt::format("{}: {} does not write to a single file; .mkv, .mp4 and .ts do",
                               attempt, container->long_name));
  }
  return container;
}

Result<void> check_fits(const AVOutputFormat& container, const std::vector<Track>& tracks) {
  if (tracks.empty()) return failure(ErrorCode::InvalidArgument, "there are no tracks to record");
  for (const Track& track : tracks) {
    if (takes(container, track)) continue;
    return failure(ErrorCode::Unsupported, fmt::format("{} does not fit into {}{}", track.codec,
                                                       container.long_name, suggestion(tracks)));
  }
  if (holds_one_track(container) && tracks.size() > 1) {
    return failure(ErrorCode::Unsupported,
                   fmt::format("{} holds one track, the clip has {}{}", container.long_name,
                               tracks.size(), suggestion(tracks)));
  }
  return {};
}

}  // namespace mayfly
