// docs/WIRE_FORMAT.md is where other implementations start: its examples are the bytes that the
// other tests hold the code to, and its limits are the code's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/support/hex.h"
#include "tests/wire/documented_bytes.h"
#include "wire/control.h"

namespace mayfly::wire {
namespace {

using ::testing::HasSubstr;

std::string document() {
  std::ifstream stream(MAYFLY_SOURCE_DIR "/docs/WIRE_FORMAT.md");
  return {std::istreambuf_iterator<char>(stream), {}};
}

// All lines of hexadecimal words as one, without what explains them, which three spaces set off.
std::string example_bytes() {
  std::string bytes;
  std::istringstream lines(document());
  for (std::string line; std::getline(lines, line);) {
    line.resize(std::min(line.find("   "), line.size()));
    std::erase(line, ' ');
    if (line.find_first_not_of("0123456789abcdef") == std::string::npos) bytes += line;
  }
  return bytes;
}

TEST(WireFormatDocumentTest, HasTheExamplesThatTheTestsUse) {
  const std::string examples = example_bytes();

  for (const char* hex : {kFirstPieceHex, kOtherPieceHex, kHelloHex, kPlayHex, kPauseHex, kSeekHex,
                          kSetDeliveryHex, kPausedHex, kByeHex}) {
    EXPECT_THAT(examples, HasSubstr(to_hex(from_hex(hex))));
  }
}

TEST(WireFormatDocumentTest, NamesEveryMessage) {
  const std::string text = document();
  for (const ControlMessage& each :
       {ControlMessage(Hello{}), ControlMessage(Welcome{}), ControlMessage(CatalogueRequest{}),
        ControlMessage(Catalogue{}), ControlMessage(Play{}), ControlMessage(Playing{}),
        ControlMessage(Seek{}), ControlMessage(Stop{}), ControlMessage(SetDelivery{}),
        ControlMessage(SenderReport{}), ControlMessage(ReceiverReport{}),
        ControlMessage(EndOfClip{}), ControlMessage(Refused{}), ControlMessage(Bye{})}) {
    EXPECT_THAT(text, HasSubstr(std::string("\n| ") + name_of(each) + " | "));
  }
  EXPECT_THAT(text, HasSubstr("\n| Pause, Resume | "));
  EXPECT_THAT(text, HasSubstr("\n| Paused, Resumed | "));
}

TEST(WireFormatDocumentTest, HasTheCodesLimits) {
  const std::string text = document();
  const auto number = [](auto value) { return std::to_string(value); };

  EXPECT_THAT(text, HasSubstr("0 to " + number(kMaxFrameBytes)));
  EXPECT_THAT(text, HasSubstr("| references of a frame | " + number(kMaxReferences) + " |"));
  EXPECT_THAT(text, HasSubstr("| " + number(kMaxTextBytes) + " bytes |"));
  EXPECT_THAT(text, HasSubstr("| " + number(kMaxNameBytes) + " bytes |"));
  EXPECT_THAT(text, HasSubstr("| name of a clip | " + number(kMaxClipNameBytes) + " bytes |"));
  EXPECT_THAT(text,
              HasSubstr("| extradata of a track | " + number(kMaxExtradataBytes >> 10) + " KiB |"));
  EXPECT_THAT(text, HasSubstr("| features | " + number(kMaxFeatures) + " |"));
  EXPECT_THAT(text,
              HasSubstr("| entries of one Catalogue | " + number(kMaxCatalogueEntries) + ";"));
  EXPECT_THAT(text, HasSubstr("| fates of one SenderReport | " + number(kMaxFates) + ";"));
  EXPECT_THAT(text, HasSubstr("a header takes " + number(kPieceHeaderBytes) + " bytes, and " +
                              number(kFirstPieceHeaderBytes) + " + one"));
  EXPECT_EQ(kMaxWireTime.count(), int64_t{1} << 53);
  EXPECT_EQ(kMaxControlBytes, size_t{1} << 20);
}

}  // namespace
}  // namespace mayfly::wire
