// What the daemon asks of the operating system for itself.
#pragma once

namespace amends::daemon {

// SIGTERM, SIGINT and SIGHUP as a file descriptor. They are blocked, so call it before any thread is made:
// none may take them. A terminal that goes away ends the daemon in good order too.
int block_stop_signals();

// Clients and endpoints may hold thousands of connections; the usual soft limit of 1024 is a default, not a
// wish.
void raise_descriptor_limit();

}  // namespace amends::daemon
