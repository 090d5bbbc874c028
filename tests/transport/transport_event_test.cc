#include "transport/transport_event.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace mayfly {
namespace {

TEST(TransportEventTest, EveryKindHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const TransportEventKind each : transport_event_kinds()) {
    const std::string_view name = to_string(each);
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string_view::npos)
        << name;
    EXPECT_EQ(is_of_path(each), name.starts_with("path-")) << name;
  }
  EXPECT_EQ(names.size(), kTransportEventKinds);
  EXPECT_EQ(to_string(TransportEventKind::Authentication), "authentication") << "the last";
}

TEST(TransportEventTest, CountsByKind) {
  TransportEventCounts counts;
  counts.add(TransportEventKind::PathUnreachable);
  counts.add(TransportEventKind::PathUnreachable);
  TransportEventCounts more;
  more.add(TransportEventKind::Authentication);

  counts += more;

  EXPECT_EQ(counts.of(TransportEventKind::PathUnreachable), 2U);
  EXPECT_EQ(counts.of(TransportEventKind::Authentication), 1U);
  EXPECT_EQ(counts.of(TransportEventKind::AssociationUp), 0U);
}

}  // namespace
}  // namespace mayfly
