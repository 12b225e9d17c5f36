#include "proxy/free_memory.h"

#include <malloc.h>

/// tcmalloc's, where the program is linked with it.
extern "C" void MallocExtension_ReleaseFreeMemory() __attribute__((weak));

namespace foreword::proxy {

void release_free_memory() {
  if (MallocExtension_ReleaseFreeMemory != nullptr) MallocExtension_ReleaseFreeMemory();
  ::malloc_trim(0);
}

}  // namespace foreword::proxy
