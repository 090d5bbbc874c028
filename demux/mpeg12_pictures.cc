#include "demux/mpeg12_pictures.h"

#include "demux/start_codes.h"

namespace mayfly {
namespace {

constexpr uint8_t kPictureStart = 0x00;
constexpr uint8_t kExtensionStart = 0xB5;
constexpr uint8_t kGroupStart = 0xB8;
constexpr unsigned kSequenceExtension = 1;
constexpr unsigned kPictureCodingExtension = 8;
constexpr unsigned kFramePicture = 3;

unsigned at(ByteView bytes, size_t index) {
  return index < bytes.size() ? std::to_integer<unsigned>(bytes[index]) : 0U;
}

PictureType type_of(unsigned coding_type) {
  switch (coding_type) {
    case 2: return PictureType::P;
    case 3: return PictureType::B;
    default: return PictureType::I;  // 1, and 4 for MPEG-1's D pictures, which are intra too
  }
}

}  // namespace

void AnchorChain::place(CodedPicture& picture, bool begins_closed_gop) {
  const FrameNumber number(count_++);
  // Room for the B pictures that are shown before an anchor and decoded after it.
  constexpr int64_t kPlacesPerAnchor = int64_t{1} << 20;
  if (picture.type == PictureType::B) {
    picture.reference = false;
    picture.display_order = (anchors_ - 2) * kPlacesPerAnchor + 1 + between_++;
    picture.misses_reference = !older_ && !closed_;
    if (older_) add_reference(picture.references, *older_);
    if (newest_) add_reference(picture.references, *newest_);
    return;
  }
  picture.reference = true;
  picture.display_order = anchors_++ * kPlacesPerAnchor;
  between_ = 0;
  if (picture.type == PictureType::P && newest_) add_reference(picture.references, *newest_);
  closed_ = begins_closed_gop;
  older_ = closed_ ? std::nullopt : newest_;
  newest_ = number;
}

struct Mpeg12Pictures::Headers {
  std::optional<PictureType> type;  // of the first picture
  unsigned structure = kFramePicture;
  unsigned pictures = 0;
  bool closed_gop = false;
};

Mpeg12Pictures::Mpeg12Pictures(ByteView extradata) { static_cast<void>(scan(extradata)); }

Mpeg12Pictures::Headers Mpeg12Pictures::scan(ByteView packet) {
  Headers headers;
  StartCodes codes(packet);
  while (const auto code = codes.next()) {
    const ByteView body = packet.subspan(code->body);
    if (code->value == kPictureStart) {
      if (headers.pictures++ == 0) headers.type = type_of(at(body, 1) >> 3U & 7U);
    } else if (code->value == kGroupStart) {
      headers.closed_gop = (at(body, 3) & 0x40U) != 0;
    } else if (code->value == kExtensionStart) {
      const unsigned id = at(body, 0) >> 4U;
      if (id == kSequenceExtension) low_delay_ = (at(body, 5) & 0x80U) != 0;
      if (id == kPictureCodingExtension && headers.pictures == 1) {
        headers.structure = at(body, 2) & 3U;
      }
    } else if (code->value >= 1 && code->value <= 0xAF && headers.pictures >= 2) {
      break;  // slices of the second field: nothing more to learn
    }
  }
  return headers;
}

std::vector<CodedPicture> Mpeg12Pictures::read(ByteView packet, bool container_keyframe) {
  const Headers headers = scan(packet);
  CodedPicture picture;
  picture.bytes = packet.size();
  const bool lone_field =
      headers.pictures == 1 && (headers.structure == 1 || headers.structure == 2);
  if (headers.pictures == 0 && !chain_.is_empty() && !container_keyframe) {
    picture.part = CodedPicture::Part::Continuation;
    return {picture};
  }
  if (lone_field && awaits_second_field_) {
    awaits_second_field_ = false;
    picture.part = CodedPicture::Part::Continuation;
    return {picture};
  }
  awaits_second_field_ = picture.may_continue = lone_field;
  picture.type = headers.type.value_or(PictureType::I);
  picture.intra = picture.keyframe = picture.type == PictureType::I;
  chain_.place(picture, headers.closed_gop);
  return {picture};
}

}  // namespace mayfly
