// Packets of any bytes become frames that keep the builder's promises. MAYFLY_CODEC says whose.
#include <algorithm>
#include <optional>

#include "core/bytes.h"
#include "core/check.h"
#include "demux/frame_builder.h"

namespace {

// What must hold of every frame, whatever the bytes were.
class Promises {
 public:
  void check(const mayfly::Frame& frame) {
    MAYFLY_CHECK(frame.number.value() == frames_++);
    MAYFLY_CHECK(!last_dts_ || *last_dts_ < frame.dts);
    MAYFLY_CHECK(frame.references.size() <= mayfly::kMaxReferences);
    MAYFLY_CHECK(frame.payload != nullptr);
    for (const mayfly::FrameNumber needed : frame.references) {
      MAYFLY_CHECK(needed < frame.number);
      MAYFLY_CHECK(std::count(frame.references.begin(), frame.references.end(), needed) == 1);
    }
    last_dts_ = frame.dts;
    bytes_ += frame.bytes();
  }
  [[nodiscard]] size_t frames() const { return frames_; }
  [[nodiscard]] size_t bytes() const { return bytes_; }

 private:
  std::optional<mayfly::MediaTime> last_dts_;
  size_t frames_ = 0;
  size_t bytes_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
  mayfly::ByteReader reader({reinterpret_cast<const std::byte*>(input), size});
  mayfly::Track track;
  track.codec = MAYFLY_CODEC;
  track.video.frame_rate = {25, 1};
  const unsigned flags = reader.u8();
  const mayfly::ByteView extradata = reader.take(reader.u8());
  track.extradata.assign(extradata.begin(), extradata.end());
  mayfly::FrameBuilder::Options options;
  options.container_tells_pts = (flags & 1U) != 0;
  options.skip_undecodable_start = (flags & 2U) != 0;
  mayfly::FrameBuilder builder(track, options);
  Promises promises;
  size_t given = 0;
  while (!reader.rest().empty()) {
    mayfly::CodedPacket packet;
    const size_t length = std::min<size_t>(reader.u16(), reader.rest().size());
    const mayfly::ByteView bytes = reader.take(length);
    packet.bytes.assign(bytes.begin(), bytes.end());
    packet.keyframe = (length & 1U) != 0;
    given += length;
    builder.push(std::move(packet));
    while (auto frame = builder.pop()) promises.check(*frame);
  }
  builder.finish();
  while (auto frame = builder.pop()) promises.check(*frame);
  const bool keeps_all = !options.skip_undecodable_start && promises.frames() > 0;
  MAYFLY_CHECK(!keeps_all || promises.bytes() == given);
  return 0;
}
