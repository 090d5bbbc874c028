#pragma once

// The examples of docs/WIRE_FORMAT.md, as they stand there but for spaces and comments. A test
// looks them up in the document.
namespace mayfly::wire {

inline constexpr auto kFirstPieceHex =
    "11 03 01 0000012c 000003e8"
    " b0 00000002 0000000000b71b00 ffffffffffff63c0 00009c40 00000000006acfc0"
    " 02 02 00 0000012b"
    " cafe";
inline constexpr auto kOtherPieceHex = "10 03 01 0000012c 000003e8 000003e6 cafe";

inline constexpr auto kHelloHex = "0a 19 0801 120c 6d6179666c7920302e312e30 1a04 7365656b 20c03e";
inline constexpr auto kPlayHex = "2a 0f 0a04 636c6970 10c08db701 18c0843d";
inline constexpr auto kPauseHex = "3a 00";
inline constexpr auto kSeekHex = "5a 05 0880c0fc15";
inline constexpr auto kSetDeliveryHex = "6a 08 0803 1204 36306d73";
inline constexpr auto kPausedHex = "4a 08 0802 1080d0acf30e";
inline constexpr auto kByeHex = "9201 13 0806 120f 736572766572207374 6f7070696e67";

}  // namespace mayfly::wire
