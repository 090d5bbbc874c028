#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "core/result.h"
#include "emulator/emulated_lane.h"
#include "emulator/link_direction.h"
#include "netsim/link_model.h"

namespace mayfly {

// The beginning of a log: which program, command line and link made it, and what the columns are.
[[nodiscard]] std::string packet_log_header(const PathModel& path, const std::string& command_line);

// A packet's line in the log (docs/LINK.md has the format), with its line end:
// "1042 up 84 delivered 0 51042".
[[nodiscard]] std::string packet_log_line(LinkDirection direction, const PacketRecord& record);

// The fate of every packet, in a file.
class PacketLog {
 public:
  // Replaces what was there. Fails with Io.
  [[nodiscard]] static Result<std::unique_ptr<PacketLog>> create(const std::string& file,
                                                                 const std::string& header);

  void add(LinkDirection direction, const PacketRecord& record);
  // Writes what is still in memory and closes the file; nothing may be added afterwards. Fails with
  // Io when the file could not take everything: a full disk.
  [[nodiscard]] Result<void> finish();

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  PacketLog(std::string name, std::FILE* file) : name_(std::move(name)), file_(file) {}
  void write(const std::string& text);

  std::string name_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  int error_number_ = 0;  // of the first write that failed
};

}  // namespace mayfly
