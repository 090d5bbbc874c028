#include "demux/picture_parser.h"

#include <algorithm>

#include "demux/av1_pictures.h"
#include "demux/generic_pictures.h"
#include "demux/h264_pictures.h"
#include "demux/hevc_pictures.h"
#include "demux/mpeg12_pictures.h"
#include "demux/mpeg4_pictures.h"
#include "demux/vp8_pictures.h"
#include "demux/vp9_pictures.h"

namespace mayfly {

std::unique_ptr<PictureParser> make_picture_parser(const Track& track, bool intra_only_codec) {
  const std::string& codec = track.codec;
  if (codec == "mpeg1video" || codec == "mpeg2video") {
    return std::make_unique<Mpeg12Pictures>(track.extradata);
  }
  if (codec == "mpeg4") return std::make_unique<Mpeg4Pictures>(track.extradata);
  if (codec == "h264") return std::make_unique<H264Pictures>(track.extradata);
  if (codec == "hevc") return std::make_unique<HevcPictures>(track.extradata);
  if (codec == "vp9") return std::make_unique<Vp9Pictures>();
  if (codec == "vp8") return std::make_unique<Vp8Pictures>();
  if (codec == "av1") return std::make_unique<Av1Pictures>(track.extradata);
  if (codec == "msmpeg4v3" || codec == "msmpeg4v2") return std::make_unique<MsMpeg4Pictures>();
  return std::make_unique<GenericPictures>(intra_only_codec);
}

void add_reference(std::vector<FrameNumber>& references, FrameNumber number) {
  if (references.size() >= kMaxReferences) return;
  if (std::find(references.begin(), references.end(), number) != references.end()) return;
  references.push_back(number);
}

}  // namespace mayfly
