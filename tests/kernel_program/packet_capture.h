#pragma once

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "core/file_descriptor.h"

namespace mayfly::testing {

// Writes what passes an interface of this host to a pcap file, from construction to destruction:
// outgoing packets as they leave the queueing discipline, so without those that netem lost.
class PacketCapture {
 public:
  PacketCapture(const std::string& interface, const std::filesystem::path& file);
  ~PacketCapture();
  PacketCapture(const PacketCapture&) = delete;
  PacketCapture& operator=(const PacketCapture&) = delete;

 private:
  void run();

  FileDescriptor socket_;
  std::ofstream file_;
  std::atomic<bool> is_over_ = false;
  std::thread thread_;
};

}  // namespace mayfly::testing
