// The front door: typed messages over cache lines. README.md says how it hangs together.
#pragma once

#include "urpc/call.hpp"      // Caller, Server: calls and messages with types
#include "urpc/channel.hpp"   // Channel, ChannelLayout, Poker: two rings and who wakes whom
#include "urpc/poll.hpp"      // PollSet: what a dispatcher polls
#include "urpc/protocol.hpp"  // Protocol, String, Bytes: what may be said
#include "urpc/task.hpp"      // Task, spawn, Scope; FramePool, Event
