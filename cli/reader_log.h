#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/ts_server.h"

namespace mayfly {

// Tells the operator what becomes of the readers of MPEG-TS, a line each.
class ReaderLog final : public TsServerObserver {
 public:
  void on_reader_joined(const TsFeedStats& reader) override;
  void on_feed_started(const TsFeedStats& reader) override;
  void on_reader_left(const TsFeedStats& reader, const Error& why) override;
  void on_reader_turned_away(const std::string& peer, const Error& why) override;

 private:
  uint64_t dropped_ = 0;  // left otherwise than in good order, or not let in
};

// Figures of all readers in one line; nothing where there are none.
[[nodiscard]] std::string reader_statistics_line(const std::vector<TsFeedStats>& readers);

}  // namespace mayfly
