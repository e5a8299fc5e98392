// What `top -H` and a profile call a thread.
#pragma once
#include <pthread.h>

namespace amends::engine {

// At most 15 characters, the kernel takes no more.
inline void name_this_thread(const char* name) {
  pthread_setname_np(pthread_self(), name);
}

}  // namespace amends::engine
