#include "core/frame.h"

namespace mayfly {

std::string_view to_string(PictureType type) {
  switch (type) {
    case PictureType::I: return "I";
    case PictureType::P: return "P";
    case PictureType::B: return "B";
  }
  return "?";
}

std::string_view to_string(FrameClass frame_class) {
  switch (frame_class) {
    case FrameClass::I: return "i";
    case FrameClass::P: return "p";
    case FrameClass::B: return "b";
    case FrameClass::Audio: return "audio";
  }
  return "?";
}

std::optional<FrameClass> frame_class_from(std::string_view name) {
  for (const FrameClass each : kFrameClasses) {
    if (to_string(each) == name) return each;
  }
  return std::nullopt;
}

}  // namespace mayfly
