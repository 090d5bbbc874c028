#pragma once

#include <rapidcheck.h>

#include "wire/control.h"

// Any control message within its limits, for properties.
namespace mayfly::wire {

[[nodiscard]] rc::Gen<ControlMessage> any_control_message();

}  // namespace mayfly::wire
