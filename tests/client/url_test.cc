#include "client/url.h"

#include <gmock/gmock.h>

namespace mayfly {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ClipUrlTest, ReadsHostPortAndClip) {
  const auto url = ClipUrl::parse("mayfly://media.example:9000/films/clip.mp4");

  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->scheme, ClipUrl::Scheme::SctpOverUdp);
  EXPECT_THAT(url->hosts, ElementsAre("media.example"));
  EXPECT_EQ(url->port, 9000);
  EXPECT_EQ(url->clip, "films/clip.mp4");
}

TEST(ClipUrlTest, HasAPortOfItsOwnWhenNoneIsTold) {
  EXPECT_EQ(ClipUrl::parse("mayfly://192.0.2.1/clip")->port, 9899);
  EXPECT_EQ(ClipUrl::parse("mayfly+sctp://192.0.2.1/clip")->port, 9899);
  EXPECT_EQ(ClipUrl::parse("mayfly+sctp://192.0.2.1/clip")->scheme, ClipUrl::Scheme::Sctp);
}

TEST(ClipUrlTest, TakesIpv6InBracketsWithItsScope) {
  EXPECT_THAT(ClipUrl::parse("mayfly://[2001:db8::1]:9000/c")->hosts, ElementsAre("2001:db8::1"));
  EXPECT_EQ(ClipUrl::parse("mayfly://[2001:db8::1]:9000/c")->port, 9000);
  EXPECT_THAT(ClipUrl::parse("mayfly://[fe80::1%eth0]/c")->hosts, ElementsAre("fe80::1%eth0"));
  EXPECT_THAT(ClipUrl::parse("mayfly://[fe80::1%25eth0]/c")->hosts, ElementsAre("fe80::1%eth0"));
}

TEST(ClipUrlTest, TakesSeveralAddressesOfOneHost) {
  const auto url = ClipUrl::parse("mayfly+sctp://10.0.0.1,[2001:db8::1],10.1.0.1:5000/clip");

  ASSERT_TRUE(url) << url.error().message;
  EXPECT_THAT(url->hosts, ElementsAre("10.0.0.1", "2001:db8::1", "10.1.0.1"));
  EXPECT_EQ(url->port, 5000);
}

TEST(ClipUrlTest, DecodesTheClipsName) {
  EXPECT_EQ(ClipUrl::parse("mayfly://h/a%20b%2Fc%C3%A9.mp4")->clip, "a b/c\xC3\xA9.mp4");
  EXPECT_EQ(ClipUrl::parse("mayfly://h/plain name.mp4")->clip, "plain name.mp4");
  EXPECT_EQ(ClipUrl::parse("mayfly://h")->clip, "");
  EXPECT_EQ(ClipUrl::parse("mayfly://h/")->clip, "");
}

TEST(ClipUrlTest, PrintsWhatParsesBackToTheSame) {
  for (const char* text : {"mayfly://h/a%20b%25.mp4", "mayfly+sctp://[fe80::1%eth0],10.0.0.1:7/x",
                           "mayfly://192.0.2.1/", "mayfly://h/f%C3%BCr/%E2%82%AC.mkv"}) {
    const auto url = ClipUrl::parse(text);
    ASSERT_TRUE(url) << text;
    EXPECT_EQ(ClipUrl::parse(to_string(*url)), url) << to_string(*url);
  }
  EXPECT_EQ(to_string(*ClipUrl::parse("mayfly://[::1]/a b")), "mayfly://[::1]:9899/a%20b");
}

TEST(ClipUrlTest, AServerListensOnAnyFreePortAndAtNoClip) {
  EXPECT_EQ(ClipUrl::parse_listening("mayfly://127.0.0.1:0")->port, 0);
  EXPECT_EQ(ClipUrl::parse_listening("mayfly://[::]/")->port, 9899);
  EXPECT_THAT(ClipUrl::parse_listening("mayfly://h/clip").error().message,
              HasSubstr("leave out 'clip'"));
  EXPECT_THAT(ClipUrl::parse_listening("mayfly://h:x").error().message,
              HasSubstr("URL 'mayfly://h:x': 'x' is not a port"));
}

TEST(ClipUrlTest, WhereNoHostIsGivenAServerListensAtAllOfIts) {
  for (const char* each : {"mayfly://:9000", "mayfly+sctp://:9000", "sctp+ts://:9000"}) {
    const auto url = ClipUrl::parse_listening(each);
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_THAT(url->hosts, ElementsAre("::"));
    EXPECT_EQ(url->port, 9000);
  }
  EXPECT_THAT(ClipUrl::parse("mayfly://:9000/clip").error().message,
              HasSubstr("a host is missing"));
}

TEST(ClipUrlTest, APortOfMpegTsSaysWhichClipItSendsAndAReaderDoesNot) {
  const auto port = ClipUrl::parse_listening("sctp+ts://:9000/films/clip.mp4");
  ASSERT_TRUE(port) << port.error().message;
  EXPECT_EQ(port->scheme, ClipUrl::Scheme::TsOverSctp);
  EXPECT_THAT(port->hosts, ElementsAre("::"));
  EXPECT_EQ(port->port, 9000);
  EXPECT_EQ(port->clip, "films/clip.mp4");
  EXPECT_THAT(ClipUrl::parse_listening("sctp+ts://127.0.0.1:9000")->hosts,
              ElementsAre("127.0.0.1"));
  EXPECT_EQ(to_string(*port), "sctp+ts://[::]:9000/films/clip.mp4");

  EXPECT_EQ(ClipUrl::parse("sctp+ts://192.0.2.1:9000")->port, 9000);
  EXPECT_THAT(ClipUrl::parse("sctp+ts://192.0.2.1/clip").error().message,
              HasSubstr("leave out 'clip'"));
  EXPECT_THAT(ClipUrl::parse("sctp+ts://:9000").error().message, HasSubstr("a host is missing"));
}

TEST(ClipUrlTest, SaysWhatWouldBeRight) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "it must begin with mayfly://"},
      {"http://host/clip", "it must begin with mayfly://"},
      {"mayfly:/host/clip", "it must begin with mayfly://"},
      {"192.0.2.1/clip", "it must begin with mayfly://"},
      {"mayfly:///clip", "a host is missing"},
      {"mayfly://:9899/clip", "a host is missing"},
      {"mayfly://a,,b/clip", "a host is missing"},
      {"mayfly://a,/clip", "a host is missing"},
      {"mayfly://host:port/clip", "'port' is not a port; it is a number from 1 to 65535"},
      {"mayfly://host:0/clip", "'0' is not a port"},
      {"mayfly://host:65536/clip", "'65536' is not a port"},
      {"mayfly://host:/clip", "'' is not a port"},
      {"mayfly://2001:db8::1/clip", "an IPv6 address stands in brackets: '[2001:db8::1]'"},
      {"mayfly://[2001:db8::1/clip", "lacks the ']'"},
      {"mayfly://[192.0.2.1]/clip", "'192.0.2.1' is no IPv6 address"},
      {"mayfly://[::1]x/clip", "'x' after the ']' must be ':' and a port"},
      {"mayfly://a:1,b:2/clip", "the same port, not 1 and 2"},
      {"mayfly://user@host/clip", "'user@host' is neither a name nor an address"},
      {"mayfly://h ost/clip", "'h ost' is neither a name nor an address"},
      {"mayfly://h/100%", "write the percent sign itself as %25"},
      {"mayfly://h/%4", "write the percent sign itself as %25"},
      {"mayfly://h/%zz", "write the percent sign itself as %25"},
      {"mayfly://h/a%00b", "zero byte"},
  };
  for (const auto& [text, expected] : cases) {
    const auto url = ClipUrl::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, ErrorCode::InvalidArgument);
    EXPECT_THAT(url.error().message, HasSubstr(expected));
    EXPECT_THAT(url.error().message, HasSubstr("URL '" + std::string(text) + "'"));
  }
}

}  // namespace
}  // namespace mayfly
