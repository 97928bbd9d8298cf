#pragma once

#include "platform/instructions.hpp"

namespace skerry::platform {

// The two 8259 controllers of old: remapped away from the exceptions, then masked for good.
inline void mask_legacy_interrupts() {
    out8(0x20, 0x11), out8(0xa0, 0x11);
    out8(0x21, 0x20), out8(0xa1, 0x28);
    out8(0x21, 4), out8(0xa1, 2);
    out8(0x21, 1), out8(0xa1, 1);
    out8(0x21, 0xff), out8(0xa1, 0xff);
}

// The firmware's tick, 18 times a second: nobody listens. In mode 0 and without a count, channel 0 is silent.
inline void stop_legacy_tick() {
    out8(0x43, 0b0011'0000);
}

}  // namespace skerry::platform
