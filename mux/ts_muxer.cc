#include "mux/ts_muxer.h"

extern "C" {
#include <libavutil/mem.h>
}

#include <fmt/format.h>

#include <map>
#include <utility>

#include "mux/container_fit.h"
#include "mux/output_handles.h"
#include "mux/packet_maker.h"
#include "mux/stream_from_track.h"

namespace mayfly {
namespace {

constexpr int kBufferBytes = 64 << 10;
// How far the stream's clock runs ahead of what it times; the ffmpeg command line has the same.
constexpr int kMaxDelayMicroseconds = 700'000;

Result<const AVOutputFormat*> mpeg_ts() {
  const AVOutputFormat* container = av_guess_format("mpegts", nullptr, nullptr);
  if (container == nullptr) {
    return failure(ErrorCode::Unsupported, "libavformat of this machine writes no MPEG-TS");
  }
  return container;
}

}  // namespace

class TsMuxer::State {
 public:
  [[nodiscard]] Result<void> open(const std::vector<Track>& tracks);
  [[nodiscard]] Result<Bytes> mux(const Frame& frame);

 private:
  struct FreeContext {
    void operator()(AVFormatContext* context) const { avformat_free_context(context); }
  };
  struct FreeMemory {
    void operator()(AVIOContext* context) const {
      av_freep(&context->buffer);
      avio_context_free(&context);
    }
  };

  static int take(void* self, uint8_t* bytes, int count) {
    const auto* from = reinterpret_cast<const std::byte*>(bytes);
    Bytes& written = static_cast<State*>(self)->written_;
    written.insert(written.end(), from, from + count);
    return count;
  }

  Bytes written_;
  std::unique_ptr<AVIOContext, FreeMemory> memory_;
  std::unique_ptr<AVFormatContext, FreeContext> output_;
  std::map<TrackId, PacketMaker> tracks_;
};

Result<void> TsMuxer::State::open(const std::vector<Track>& tracks) {
  ASSIGN_OR_RETURN(const AVOutputFormat* const container, mpeg_ts());
  RETURN_IF_ERROR(check_fits(*container, tracks));
  AVFormatContext* raw = nullptr;
  const int rc = avformat_alloc_output_context2(&raw, container, nullptr, nullptr);
  output_.reset(raw);
  auto* buffer = static_cast<unsigned char*>(av_malloc(kBufferBytes));
  if (rc < 0 || buffer == nullptr) return failure(ErrorCode::Exhausted, "no memory for a muxer");
  memory_.reset(avio_alloc_context(buffer, kBufferBytes, 1, this, nullptr, &State::take, nullptr));
  if (!memory_) {
    av_free(buffer);
    return failure(ErrorCode::Exhausted, "no memory for a muxer");
  }
  output_->pb = memory_.get();
  output_->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_FLUSH_PACKETS;
  output_->max_delay = kMaxDelayMicroseconds;
  for (const Track& track : tracks) {
    ASSIGN_OR_RETURN(AVStream* const stream, add_stream(*output_, track));
    tracks_.emplace(track.id, PacketMaker(*stream, track, *container));
  }
  MuxerOptions options;
  // Otherwise sound waits until some 3 kB of it are together, and is in no frame's packets.
  options.set("pes_payload_size", "0");
  // A picture says how long it is, where 64 KiB do for it, so that a reader has it when its last
  // byte is there and does not take the hole of another behind it for its own.
  options.set("omit_video_pes_length", "0");
  const int header = avformat_write_header(output_.get(), options.get());
  if (header < 0) return failure(from_av_output(header, "begin an MPEG transport stream"));
  return {};
}

Result<Bytes> TsMuxer::State::mux(const Frame& frame) {
  const auto track = tracks_.find(frame.track);
  if (track == tracks_.end()) return Bytes{};
  ASSIGN_OR_RETURN(const OutputPacket packet, track->second.make(frame, {}));
  const int rc = av_write_frame(output_.get(), packet.get());
  avio_flush(memory_.get());
  Bytes packets = std::exchange(written_, {});
  if (rc >= 0) return packets;
  const std::string what =
      fmt::format("frame {} of track {}", frame.number.value(), frame.track.value());
  return failure(ErrorCode::Malformed, from_av_output(rc, what).message);
}

Result<void> TsMuxer::check(const std::vector<Track>& tracks) {
  ASSIGN_OR_RETURN(const AVOutputFormat* const container, mpeg_ts());
  return check_fits(*container, tracks);
}

Result<std::unique_ptr<TsMuxer>> TsMuxer::create(const std::vector<Track>& tracks) {
  auto state = std::make_unique<State>();
  RETURN_IF_ERROR(state->open(tracks));
  return std::unique_ptr<TsMuxer>(new TsMuxer(std::move(state)));
}

TsMuxer::TsMuxer(std::unique_ptr<State> state) : state_(std::move(state)) {}
TsMuxer::~TsMuxer() = default;

Result<Bytes> TsMuxer::mux(const Frame& frame) { return state_->mux(frame); }

}  // namespace mayfly
