#pragma once

#include <gst/gst.h>

#include <memory>

namespace mayfly {

// Owning handles: each gives back one reference.
struct UnrefGstObject {
  void operator()(void* object) const { gst_object_unref(object); }
};
template <class T>
using GstRef = std::unique_ptr<T, UnrefGstObject>;

struct UnrefGstCaps {
  void operator()(GstCaps* caps) const { gst_caps_unref(caps); }
};
using GstCapsRef = std::unique_ptr<GstCaps, UnrefGstCaps>;

struct FreeGError {
  void operator()(GError* error) const { g_error_free(error); }
};
using GErrorRef = std::unique_ptr<GError, FreeGError>;

struct FreeGlibText {
  void operator()(char* text) const { g_free(text); }
};
using GlibText = std::unique_ptr<char, FreeGlibText>;

}  // namespace mayfly
