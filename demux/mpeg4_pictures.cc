#include "demux/mpeg4_pictures.h"

#include <bit>
#include <utility>

#include "demux/bit_reader.h"
#include "demux/start_codes.h"

namespace mayfly {
namespace {

constexpr uint8_t kFirstLayerStart = 0x20;
constexpr uint8_t kLastLayerStart = 0x2F;
constexpr uint8_t kGroupStart = 0xB3;    // GOV
constexpr uint8_t kPictureStart = 0xB6;  // VOP
// A packet of more pictures than this is damage; the rest goes with the last.
constexpr size_t kMostPictures = 16;

bool is_layer(uint8_t code) { return code >= kFirstLayerStart && code <= kLastLayerStart; }

}  // namespace

Mpeg4Pictures::Mpeg4Pictures(ByteView extradata) {
  StartCodes codes(extradata);
  while (const auto code = codes.next()) {
    if (is_layer(code->value)) read_layer(extradata.subspan(code->body));
  }
}

// Video object layer, ISO 14496-2 6.2.3, as far as the size of the time increment.
void Mpeg4Pictures::read_layer(ByteView header) {
  constexpr unsigned kExtendedAspect = 15;
  constexpr unsigned kGrayscale = 3;
  BitReader reader(header);
  reader.skip(1 + 8);
  unsigned version = 1;
  if (reader.flag()) {
    version = reader.bits(4);
    reader.skip(3);
  }
  if (reader.bits(4) == kExtendedAspect) reader.skip(16);
  bool low_delay = false;
  if (reader.flag()) {
    reader.skip(2);
    low_delay = reader.flag();
    if (reader.flag()) reader.skip(79);  // VBV parameters
  }
  if (reader.bits(2) == kGrayscale && version != 1) reader.skip(4);
  reader.skip(1);
  const uint32_t resolution = reader.bits(16);
  if (reader.failed()) return;
  low_delay_ = low_delay;
  time_increment_bits_ = resolution > 1 ? static_cast<unsigned>(std::bit_width(resolution - 1)) : 1;
}

// Video object plane, 6.2.5.
CodedPicture Mpeg4Pictures::picture_from(ByteView header) {
  BitReader reader(header);
  CodedPicture picture;
  const unsigned coding_type = reader.bits(2);
  while (reader.flag()) {
  }
  reader.skip(1 + time_increment_bits_ + 1);
  const bool coded = time_increment_bits_ == 0 || reader.flag() || reader.failed();
  picture.may_continue = true;
  if (!coded) {
    lags_ = false;
    picture.part = CodedPicture::Part::Continuation;
    return picture;
  }
  switch (coding_type) {
    case 0: picture.type = PictureType::I; break;
    case 2: picture.type = PictureType::B; break;
    default: picture.type = PictureType::P; break;  // 3: S, predicted by a global motion
  }
  picture.intra = picture.keyframe = coding_type == 0;
  chain_.place(picture, std::exchange(closed_gop_, false));
  return picture;
}

std::vector<CodedPicture> Mpeg4Pictures::read(ByteView packet, bool container_keyframe) {
  std::vector<CodedPicture> parts;
  StartCodes codes(packet);
  size_t begin = 0;          // of the part that is being read
  bool has_picture = false;  // the part's picture header was seen
  while (const auto code = codes.next()) {
    if (has_picture) {
      if (parts.size() == kMostPictures) break;
      parts.back().bytes = code->start - begin;
      begin = code->start;
      has_picture = false;
    }
    const ByteView body = packet.subspan(code->body);
    if (is_layer(code->value)) read_layer(body);
    if (code->value == kGroupStart && body.size() > 2) {
      closed_gop_ = (body[2] & std::byte{0x20}) != std::byte{0};
    }
    if (code->value == kPictureStart) {
      parts.push_back(picture_from(body));
      has_picture = true;
    }
  }
  if (has_picture) {
    parts.back().bytes = packet.size() - begin;
    lags_ |= parts.size() > 1 && parts.back().type == PictureType::B;
    return parts;
  }
  CodedPicture rest;
  rest.bytes = packet.size() - begin;
  const bool has_headers = StartCodes(packet).next().has_value();
  if (has_headers) {
    // Headers without a picture: of the picture before when they trail it, else of the one after.
    rest.part = parts.empty() ? CodedPicture::Part::Preamble : CodedPicture::Part::Continuation;
    rest.may_continue = true;
  } else {
    // Short headers, which carry no start codes.
    rest.type = container_keyframe ? PictureType::I : PictureType::P;
    rest.intra = rest.keyframe = container_keyframe;
    chain_.place(rest, false);
  }
  parts.push_back(rest);
  return parts;
}

}  // namespace mayfly
