#include "demux/libav/frame_reader.h"

#include <algorithm>

namespace mayfly {
namespace {

// While one track's next frame is not settled yet, others wait for it up to this much.
constexpr size_t kMostWaiting = 512;

}  // namespace

FrameReader::FrameReader(LibavInput& input, std::optional<Beginning> beginning)
    : input_(input),
      clock_(std::make_shared<ClipClock>(beginning ? beginning->clock
                                                   : ClipClock(input.clock_may_jump()))) {
  for (size_t track = 0; track < input.tracks().size(); ++track) {
    FrameBuilder::Options options = input.builder_options(track);
    options.clock = clock_;
    if (beginning) {
      options.correction = beginning->corrections[track];
      options.skip_undecodable_start = true;
      if (track == 0) {
        clock_->add(options.correction);
        options.first_pts = beginning->pts;
        options.first_dts = beginning->dts;
      } else {
        options.start = beginning->pts;
        options.start_with_keyframe = input.tracks()[track].kind == TrackKind::Video;
      }
    }
    builders_.emplace_back(input.tracks()[track], options);
  }
}

std::vector<Duration> FrameReader::corrections() const {
  std::vector<Duration> corrections;
  for (const FrameBuilder& builder : builders_) corrections.push_back(builder.correction());
  return corrections;
}

void FrameReader::push(LibavInput::TrackPacket packet) {
  builders_[packet.track].push(std::move(packet.packet));
}

Result<std::optional<FrameReader::Read>> FrameReader::next() {
  for (;;) {
    if (auto read = pop()) return read;
    if (ending_) {
      RETURN_IF_ERROR(*ending_);
      return std::nullopt;
    }
    auto packet = input_.read();
    if (packet && *packet) {
      if (on_packet_) on_packet_(**packet);
      push(std::move(**packet));
      continue;
    }
    ending_ = packet ? Result<void>{} : Result<void>(failure(packet.error()));
    for (FrameBuilder& builder : builders_) builder.finish();
  }
}

std::optional<FrameReader::Read> FrameReader::pop() {
  FrameBuilder* first = nullptr;
  size_t waiting = 0;
  size_t bytes = 0;
  for (FrameBuilder& builder : builders_) {
    const auto ordinal = builder.next_ordinal();
    if (!ordinal) continue;
    waiting += builder.held_frames();
    bytes += builder.held_bytes();
    if (first == nullptr || *ordinal < *first->next_ordinal()) first = &builder;
  }
  if (first == nullptr) return std::nullopt;
  const auto take = [](FrameBuilder& builder) -> std::optional<Read> {
    const uint64_t ordinal = *builder.next_ordinal();
    const Duration correction = builder.next_correction();
    auto frame = builder.pop();
    if (!frame) return std::nullopt;
    return Read{std::move(*frame), ordinal, correction};
  };
  if (auto read = take(*first)) return read;
  if (waiting <= kMostWaiting && bytes <= FrameBuilder::kMostBytes) return std::nullopt;
  for (FrameBuilder& builder : builders_) {
    if (!builder.next_ordinal()) continue;
    if (auto read = take(builder)) return read;
  }
  return std::nullopt;
}

}  // namespace mayfly
