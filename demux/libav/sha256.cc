#include "demux/libav/sha256.h"

extern "C" {
#include <libavutil/mem.h>
#include <libavutil/sha.h>
}

#include <array>
#include <cstdint>
#include <memory>

#include "core/check.h"

namespace mayfly {
namespace {

struct FreeSha {
  void operator()(AVSHA* sha) const { av_free(sha); }
};

}  // namespace

std::string sha256_hex(ByteView bytes) {
  const std::unique_ptr<AVSHA, FreeSha> sha(av_sha_alloc());
  MAYFLY_CHECK(sha != nullptr);
  MAYFLY_CHECK(av_sha_init(sha.get(), 256) == 0);
  av_sha_update(sha.get(), reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  std::array<uint8_t, 32> digest{};
  av_sha_final(sha.get(), digest.data());
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string hex;
  for (const unsigned byte : digest) {
    hex += kHex[byte >> 4U];
    hex += kHex[byte & 15U];
  }
  return hex;
}

}  // namespace mayfly
