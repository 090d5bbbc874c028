#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/wire/control_generators.h"
#include "wire/control.h"

namespace mayfly::wire {
namespace {

RC_GTEST_PROP(ControlProperty, EveryMessageComesBackAsItWas, ()) {
  const ControlMessage message = *any_control_message();

  const auto parsed = parse_control(serialize(message));

  if (!parsed) RC_FAIL(name_of(message) + (": " + parsed.error().message));
  RC_ASSERT(*parsed == message);
}

RC_GTEST_PROP(ControlProperty, DamagedMessagesAreRefusedOrMeanSomethingThatTravels, ()) {
  Bytes bytes = serialize(*any_control_message());
  for (const auto& [at, value] :
       *rc::gen::container<std::vector<std::pair<size_t, uint8_t>>>(rc::gen::pair(
           rc::gen::inRange<size_t>(0, bytes.size()), rc::gen::arbitrary<uint8_t>()))) {
    bytes[at] = static_cast<std::byte>(value);
  }
  bytes.resize(*rc::gen::inRange<size_t>(0, bytes.size() + 1));

  const auto parsed = parse_control(bytes);

  if (parsed) RC_ASSERT(parse_control(serialize(*parsed)).value() == *parsed);
}

RC_GTEST_PROP(ControlProperty, RandomBytesNeverDoHarm, (const std::vector<uint8_t>& random)) {
  Bytes bytes;
  for (const uint8_t each : random) bytes.push_back(static_cast<std::byte>(each));

  const auto parsed = parse_control(bytes);

  RC_ASSERT(parsed || parsed.error().code == ErrorCode::Malformed ||
            parsed.error().code == ErrorCode::Unsupported);
}

}  // namespace
}  // namespace mayfly::wire
