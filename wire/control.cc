#include "wire/control.h"

#include <array>

namespace mayfly::wire {
namespace {

constexpr size_t kCatalogueMessageBytes = 64 << 10;

// What the fixed fields of a track or an entry take at most, so that a sum of these bounds a
// message without serializing it.
constexpr size_t kTrackBytes = 512;
constexpr size_t kEntryBytes = 64;

size_t bytes_at_most(const CatalogueEntry& entry) {
  size_t bytes = kEntryBytes + entry.name.size();
  for (const Track& track : entry.tracks) {
    bytes += kTrackBytes + track.codec.size() + track.language.size() + track.extradata.size();
  }
  return bytes;
}

}  // namespace

const char* name_of(const ControlMessage& message) {
  constexpr std::array kNames = {
      "Hello",       "Welcome",      "CatalogueRequest", "Catalogue", "Play",    "Playing",
      "Pause",       "Resume",       "Paused",           "Resumed",   "Seek",    "Stop",
      "SetDelivery", "SenderReport", "ReceiverReport",   "EndOfClip", "Refused", "Bye"};
  static_assert(kNames.size() == std::variant_size_v<ControlMessage>);
  return kNames[message.index()];
}

std::vector<Catalogue> in_messages(std::vector<CatalogueEntry> entries) {
  std::vector<Catalogue> messages(1);
  size_t bytes = 0;
  for (CatalogueEntry& entry : entries) {
    const size_t more = bytes_at_most(entry);
    if (bytes > 0 && bytes + more > kCatalogueMessageBytes) {
      messages.back().complete = false;
      messages.emplace_back();
      bytes = 0;
    }
    messages.back().entries.push_back(std::move(entry));
    bytes += more;
  }
  return messages;
}

}  // namespace mayfly::wire
