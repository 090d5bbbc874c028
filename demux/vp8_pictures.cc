#include "demux/vp8_pictures.h"

namespace mayfly {
namespace {

// The boolean entropy decoder of RFC 6386 7.3, for evenly likely bits and for given likelihoods.
class BoolReader {
 public:
  explicit BoolReader(ByteView bytes) : bytes_(bytes) {
    value_ = next_byte() << 8U;
    value_ |= next_byte();
  }

  [[nodiscard]] bool flag() {
    constexpr uint32_t kHalf = 128;
    const uint32_t split = 1 + ((range_ - 1) * kHalf >> 8U);
    const uint32_t wide_split = split << 8U;
    const bool bit = value_ >= wide_split;
    if (bit) {
      range_ -= split;
      value_ -= wide_split;
    } else {
      range_ = split;
    }
    while (range_ < kHalf) {
      value_ <<= 1U;
      range_ <<= 1U;
      if (++shifted_ == 8) {
        shifted_ = 0;
        value_ |= next_byte();
      }
    }
    return bit;
  }
  uint32_t bits(unsigned count) {
    uint32_t value = 0;
    for (; count > 0; --count) value = value << 1U | (flag() ? 1U : 0U);
    return value;
  }
  // A flag, then if it is set a magnitude of so many bits and a sign.
  void skip_optional(unsigned count) {
    if (flag()) static_cast<void>(bits(count + 1));
  }

 private:
  [[nodiscard]] uint32_t next_byte() {
    return at_ < bytes_.size() ? std::to_integer<uint32_t>(bytes_[at_++]) : 0;
  }

  ByteView bytes_;
  size_t at_ = 0;
  uint32_t value_ = 0;
  uint32_t range_ = 255;
  unsigned shifted_ = 0;
};

// update_segmentation() of 9.3; true when it changes anything.
bool read_segmentation(BoolReader& reader) {
  if (!reader.flag()) return false;
  const bool update_map = reader.flag();
  const bool update_values = reader.flag();
  if (update_values) {
    static_cast<void>(reader.flag());
    for (int segment = 0; segment < 4; ++segment) reader.skip_optional(7);
    for (int segment = 0; segment < 4; ++segment) reader.skip_optional(6);
  }
  for (int probability = 0; update_map && probability < 3; ++probability) {
    if (reader.flag()) static_cast<void>(reader.bits(8));
  }
  return update_map || update_values;
}

// mb_lf_adjustments() of 9.6; true when it changes anything.
bool read_filter_deltas(BoolReader& reader) {
  if (!reader.flag() || !reader.flag()) return false;
  for (int delta = 0; delta < 8; ++delta) reader.skip_optional(6);
  return true;
}

}  // namespace

bool Vp8Pictures::read_updates(ByteView partition) {
  BoolReader reader(partition);
  bool leaves_state = read_segmentation(reader);
  static_cast<void>(reader.bits(1 + 6 + 3));  // the loop filter
  leaves_state |= read_filter_deltas(reader);
  static_cast<void>(reader.bits(2 + 7));  // partitions, base quantiser
  for (int delta = 0; delta < 5; ++delta) reader.skip_optional(4);
  const bool golden = reader.flag();
  const bool alternate = reader.flag();
  const uint32_t copy_to_golden = golden ? 0 : reader.bits(2);
  const uint32_t copy_to_alternate = alternate ? 0 : reader.bits(2);
  leaves_state |= copy_to_golden != 0 || copy_to_alternate != 0;
  static_cast<void>(reader.bits(2));  // sign biases
  leaves_state |= reader.flag();      // refresh_entropy_probs
  const bool last = reader.flag();
  const auto before = buffers_;
  const FrameNumber own(count_);
  if (copy_to_golden == 1) buffers_[kGolden] = before[kLast];
  if (copy_to_golden == 2) buffers_[kGolden] = before[kAlternate];
  if (copy_to_alternate == 1) buffers_[kAlternate] = before[kLast];
  if (copy_to_alternate == 2) buffers_[kAlternate] = before[kGolden];
  if (golden) buffers_[kGolden] = own;
  if (alternate) buffers_[kAlternate] = own;
  if (last) buffers_[kLast] = own;
  if (leaves_state) state_ = own;
  return golden || alternate || last || leaves_state;
}

std::vector<CodedPicture> Vp8Pictures::read(ByteView packet, bool container_keyframe) {
  constexpr size_t kTagBytes = 3;
  CodedPicture picture;
  picture.bytes = packet.size();
  picture.display_order = count_;
  const unsigned tag = packet.empty() ? 1U : std::to_integer<unsigned>(packet.front());
  const bool key = packet.size() >= kTagBytes ? (tag & 1U) == 0 : container_keyframe;
  const bool shown = (tag >> 4U & 1U) != 0;
  picture.intra = picture.keyframe = key;
  if (shown) picture.type = key ? PictureType::I : PictureType::P;
  if (key) {
    buffers_.fill(FrameNumber(count_));
    state_ = FrameNumber(count_);
  } else {
    for (const auto& holder : {buffers_[kLast], buffers_[kGolden], buffers_[kAlternate], state_}) {
      if (holder) add_reference(picture.references, *holder);
    }
    picture.reference = packet.size() > kTagBytes && read_updates(packet.subspan(kTagBytes));
  }
  ++count_;
  return {picture};
}

}  // namespace mayfly
