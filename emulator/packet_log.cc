#include "emulator/packet_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

namespace mayfly {

std::string packet_log_header(const PathModel& path, const std::string& command_line) {
  std::string one_line = command_line;
  std::replace(one_line.begin(), one_line.end(), '\n', ' ');
  return fmt::format(
      "# mayfly {} link log 1\n"
      "# command: {}\n"
      "# link: {}\n"
      "# time_us direction bytes fate queued_us arrival_us\n",
      MAYFLY_VERSION, one_line, to_text(path));
}

std::string packet_log_line(LinkDirection direction, const PacketRecord& record) {
  const bool queued = record.fate != PacketFate::QueueFull;
  return fmt::format("{} {} {} {} {} {}\n", record.time.count(), to_string(direction), record.bytes,
                     to_string(record.fate),
                     queued ? std::to_string(record.queued.count()) : std::string("-"),
                     record.arrival ? std::to_string(record.arrival->count()) : std::string("-"));
}

Result<std::unique_ptr<PacketLog>> PacketLog::create(const std::string& file,
                                                     const std::string& header) {
  std::unique_ptr<PacketLog> log(new PacketLog(file, std::fopen(file.c_str(), "we")));
  if (!log->file_) return failure(from_errno(errno, "writing " + file));
  log->write(header);
  return log;
}

void PacketLog::add(LinkDirection direction, const PacketRecord& record) {
  write(packet_log_line(direction, record));
}

Result<void> PacketLog::finish() {
  // Closing is when a full disk shows at the latest.
  if (std::fclose(file_.release()) != 0 && error_number_ == 0) error_number_ = errno;
  if (error_number_ == 0) return {};
  return failure(from_errno(error_number_, "writing " + name_));
}

void PacketLog::write(const std::string& text) {
  if (error_number_ != 0) return;
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) error_number_ = errno;
}

}  // namespace mayfly
