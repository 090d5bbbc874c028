#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace mayfly {

// What a clip's URL names:
//
//   mayfly://HOST[:PORT]/CLIP        SCTP over UDP (RFC 6951)
//   mayfly+sctp://HOST[:PORT]/CLIP   SCTP straight over IP, through the kernel
//   sctp+ts://HOST[:PORT]            a bare MPEG transport stream over the kernel's SCTP, as ffmpeg
//                                    sends and reads it; a server's says which clip: .../CLIP
//
// HOST is a name, an IPv4 address, or an IPv6 address in brackets, link-local ones with their
// %scope; several of one host are separated by commas. CLIP is the rest of the path,
// percent-encoded (RFC 3986 2.1), folders included; it is empty where all of the server's clips are
// meant.
struct ClipUrl {
  static constexpr uint16_t kDefaultPort = 9899;

  enum class Scheme : uint8_t { SctpOverUdp, Sctp, TsOverSctp };

  Scheme scheme = Scheme::SctpOverUdp;
  std::vector<std::string> hosts;  // never empty; IPv6 without brackets, scope included
  uint16_t port = kDefaultPort;
  std::string clip;  // decoded: bytes, as in the server's file names

  // Fails with InvalidArgument; the message says what would be right.
  [[nodiscard]] static Result<ClipUrl> parse(std::string_view text);
  // Where to listen: the same without a clip, but with one for sctp+ts://. HOST may be left out:
  // then it is any address of this host. Port 0 is any that is free.
  [[nodiscard]] static Result<ClipUrl> parse_listening(std::string_view text);

  friend bool operator==(const ClipUrl&, const ClipUrl&) = default;
};

// How URLs of a scheme begin: "mayfly://".
[[nodiscard]] std::string_view prefix_of(ClipUrl::Scheme scheme);
// The URL again, with the port always told.
[[nodiscard]] std::string to_string(const ClipUrl& url);

}  // namespace mayfly
