#pragma once

#include <functional>
#include <string>
#include <vector>

#include "transport/transport_settings.h"

namespace mayfly {

// One thing looked at.
struct Diagnosis {
  enum class Verdict : unsigned char {
    Fine,
    Limited,  // works, but not as well as it could, or something optional is not there
    Missing,  // mayfly cannot do its work without it
  };

  std::string what;   // "SCTP in the kernel"
  std::string state;  // what was found
  Verdict verdict = Verdict::Fine;
  std::string mend;  // a command to paste; empty when there is nothing to mend

  friend bool operator==(const Diagnosis&, const Diagnosis&) = default;
};

// The settings that one stack runs with.
struct StackSettings {
  std::string stack;  // "kernel", "usrsctp"
  std::vector<TransportSetting> settings;

  friend bool operator==(const StackSettings&, const StackSettings&) = default;
};

// What `mayfly doctor` has to say.
struct DoctorReport {
  std::vector<Diagnosis> diagnoses;
  std::vector<StackSettings> stacks;

  // Nothing that mayfly cannot do without is missing.
  [[nodiscard]] bool is_fit() const;
};

[[nodiscard]] std::string to_text(const DoctorReport& report);
[[nodiscard]] std::string to_json(const DoctorReport& report);

}  // namespace mayfly
