#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "lab/experiment.h"

namespace mayfly {

// The finished runs of a comparison, a line of JSON each, so that an interrupted one goes on where
// it stopped. A line that was cut short by the interruption counts for nothing.
class Journal {
 public:
  // Makes the file, or reads what is in it. Fails with InvalidArgument where it holds runs of
  // another clip or version, with Malformed where it is something else, and with Io.
  [[nodiscard]] static Result<Journal> open(const std::string& path, const ClipTrace& clip);

  // What the file held when it was opened.
  [[nodiscard]] const std::vector<RunRecord>& found() const { return found_; }
  // The system has it when this returns: it outlives the process, though not a failure of power.
  [[nodiscard]] Result<void> append(const RunRecord& record);

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, CloseFile>;

  Journal(std::string path, File file, std::vector<RunRecord> found)
      : path_(std::move(path)), file_(std::move(file)), found_(std::move(found)) {}
  [[nodiscard]] static Result<void> write_line(std::FILE& file, const std::string& path,
                                               const std::string& line);

  std::string path_;
  File file_;
  std::vector<RunRecord> found_;
};

}  // namespace mayfly
