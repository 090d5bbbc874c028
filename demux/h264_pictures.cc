#include "demux/h264_pictures.h"

#include <algorithm>

namespace mayfly {
namespace {

enum UnitType : unsigned {
  kSlice = 1,
  kPartitionA = 2,
  kIdrSlice = 5,
  kSei = 6,
  kSequenceSet = 7,
  kPictureSet = 8,
};

// Keeps picture order counts of one coded video sequence apart from those of the next.
constexpr int64_t kPlacesPerSequence = int64_t{1} << 34;

bool restarts_order(const H264Slice& slice) {
  return std::any_of(slice.markings.begin(), slice.markings.end(),
                     [](const H264Marking& marking) { return marking.operation == 5; });
}

}  // namespace

struct H264Pictures::Found {
  CodedPicture picture;
  bool has_slices = false;
  bool has_unread_slice = false;
  bool continues = false;  // the slices are the second field of the packet before
  bool any_p = false;
  bool any_b = false;
  bool idr = false;
  bool reference = false;
  bool recovery = false;
  bool has_other_units = false;
};

H264Pictures::H264Pictures(ByteView extradata) {
  if (!extradata.empty() && extradata.front() == std::byte{1}) {
    read_configuration(extradata);
    return;
  }
  NalUnits units(extradata, 0);
  while (const auto unit = units.next()) {
    // Slices have no business here, and would count as pictures.
    const unsigned type = std::to_integer<unsigned>(unit->front()) & 31U;
    if (type == kSequenceSet) headers_.read_sequence(*unit);
    if (type == kPictureSet) headers_.read_picture_set(*unit);
  }
}

// AVCDecoderConfigurationRecord, ISO 14496-15 5.3.3.1.
void H264Pictures::read_configuration(ByteView record) {
  ByteReader reader(record);
  static_cast<void>(reader.u32());
  length_bytes_ = (reader.u8() & 3U) + 1;
  for (const unsigned mask : {31U, 255U}) {
    const unsigned count = reader.u8() & mask;
    for (unsigned index = 0; index < count && !reader.failed(); ++index) {
      const ByteView unit = reader.take(reader.u16());
      if (unit.empty()) continue;
      mask == 31U ? headers_.read_sequence(unit) : headers_.read_picture_set(unit);
    }
  }
}

std::optional<int> H264Pictures::reorder_depth() const {
  const auto told = headers_.reorder_frames();
  return told ? std::optional(static_cast<int>(*told)) : std::nullopt;
}

void H264Pictures::read_unit(ByteView unit, Found& found) {
  const unsigned type = std::to_integer<unsigned>(unit.front()) & 31U;
  switch (type) {
    case kSlice:
    case kPartitionA:
    case kIdrSlice: read_slice(unit, found); return;
    case kSei: found.recovery |= has_recovery_point(unit.subspan(1)); break;
    case kSequenceSet: headers_.read_sequence(unit); break;
    case kPictureSet: headers_.read_picture_set(unit); break;
    default: break;
  }
  found.has_other_units = true;
}

bool H264Pictures::is_second_field(const H264Slice& slice) const {
  return first_field_waits_ && open_ && slice.field && slice.bottom != open_->bottom &&
         slice.frame_num == open_->frame_num && (!slice.idr || open_->idr);
}

void H264Pictures::read_slice(ByteView unit, Found& found) {
  const auto read = headers_.read_slice(unit);
  found.has_unread_slice |= !read;
  if (!read || read->slice.redundant) return;
  const H264Slice& slice = read->slice;
  const bool same_picture =
      found.has_slices && open_ && slice.field == open_->field && slice.bottom == open_->bottom;
  if (!same_picture) {
    // A packet holds one frame; more is damage.
    if (found.has_slices && !is_second_field(slice)) return;
    begin_picture(*read, found);
  }
  if (!in_second_field_) {  // the first field gives a pair its type
    found.any_p |= slice.type == H264SliceType::P;
    found.any_b |= slice.type == H264SliceType::B;
  }
  found.reference |= slice.reference_idc != 0;
  const int64_t order =
      slice.field ? open_order_[slice.bottom ? 1 : 0] : std::min(open_order_[0], open_order_[1]);
  buffer_.collect(slice, *read->sequence, order, FrameNumber(count_ - 1), found.picture.references);
}

void H264Pictures::begin_picture(const H264Headers::SliceAndSequence& read, Found& found) {
  const H264Slice& slice = read.slice;
  const bool second = is_second_field(slice);
  end_picture();
  if (second) {
    first_field_waits_ = false;
    found.continues = !found.has_slices;
  } else {
    ++count_;
    buffer_.begin(slice, *read.sequence);
    if (slice.idr) ++sequence_;
    first_field_waits_ = slice.field;
    found.idr = slice.idr;
  }
  found.has_slices = true;
  in_second_field_ = second;
  open_ = slice;
  open_sequence_ = *read.sequence;
  open_order_ = order_.next(slice, *read.sequence);
  if (second) return;
  int64_t shown =
      slice.field ? open_order_[slice.bottom ? 1 : 0] : std::min(open_order_[0], open_order_[1]);
  if (restarts_order(slice)) {
    ++sequence_;
    shown = 0;
  }
  found.picture.display_order = sequence_ * kPlacesPerSequence +
                                std::clamp(shown, -kPlacesPerSequence / 4, kPlacesPerSequence / 4);
}

void H264Pictures::end_picture() {
  if (!open_) return;
  std::array<int64_t, 2> order = open_order_;
  if (restarts_order(*open_)) {
    const int64_t shown = order_.restart(order, *open_);
    order = {shown, shown};
  }
  if (open_->reference_idc != 0) {
    buffer_.mark(*open_, open_sequence_, order, FrameNumber(count_ - 1));
  }
  open_.reset();
}

void H264Pictures::settle(Found& found, CodedPicture& picture) {
  const bool all_intra = !found.any_p && !found.any_b;
  picture.type = found.any_b ? PictureType::B : found.any_p ? PictureType::P : PictureType::I;
  picture.reference = found.reference;
  saw_recovery_points_ |= found.recovery;
  saw_idr_ |= found.idr;
  const bool unmarked_start = !saw_recovery_points_ && !saw_idr_ && all_intra && found.reference;
  // A field pair that begins with an IDR field is intra for all that follows.
  picture.intra = all_intra || found.idr;
  picture.keyframe = found.idr || found.recovery || unmarked_start;
  const FrameNumber number(count_ - 1);
  if (number.value() == 0 && !found.idr) open_start_ = picture.display_order;
  picture.misses_reference =
      open_start_ && !found.idr && !all_intra && picture.display_order < *open_start_;
  if (found.idr) recovery_.reset();
  if (found.recovery && !found.idr) {
    picture.references.clear();
    recovery_ = Recovery{number, picture.display_order};
  } else if (recovery_ && picture.display_order > recovery_->display_order) {
    std::erase_if(picture.references,
                  [&](FrameNumber needed) { return needed < recovery_->number; });
  }
}

std::vector<CodedPicture> H264Pictures::read(ByteView packet, bool container_keyframe) {
  Found found;
  NalUnits units(packet, length_bytes_);
  while (const auto unit = units.next()) read_unit(*unit, found);
  CodedPicture& picture = found.picture;
  picture.bytes = packet.size();
  if (found.continues) {
    picture.part = CodedPicture::Part::Continuation;
    return {picture};
  }
  if (!found.has_slices && !found.has_unread_slice && found.has_other_units) {
    picture.part = CodedPicture::Part::Preamble;
    return {picture};
  }
  if (!found.has_slices) {
    // Damage: some picture that cannot be read.
    end_picture();
    picture.type = container_keyframe ? PictureType::I : PictureType::P;
    picture.intra = picture.keyframe = container_keyframe;
    picture.display_order = sequence_ * kPlacesPerSequence;
    if (count_ > 0 && !container_keyframe) picture.references.emplace_back(count_ - 1);
    ++count_;
    return {picture};
  }
  picture.may_continue = first_field_waits_;
  settle(found, picture);
  return {picture};
}

}  // namespace mayfly
