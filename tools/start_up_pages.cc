#include "tools/start_up_pages.h"

#include <cstddef>
#include <cstdint>
#include <span>

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include "proxy/free_memory.h"

namespace foreword::tools {
namespace {

/// Code that was relocated in place differs from its file, and would be lost.
bool has_patched_code(const dl_phdr_info& object, const ElfW(Phdr) & dynamic) {
  const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(object.dlpi_addr + dynamic.p_vaddr);
  for (; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_TEXTREL) return true;
    if (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0) return true;
  }
  return false;
}

/// The whole pages of a segment that nobody writes to: they are what the file says.
void release(const dl_phdr_info& object, const ElfW(Phdr) & segment) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = (object.dlpi_addr + segment.p_vaddr) & ~(page - 1);
  const auto end = (object.dlpi_addr + segment.p_vaddr + segment.p_memsz) & ~(page - 1);
  if (begin >= end) return;
  ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

int release_object(dl_phdr_info* object, std::size_t, void*) {
  const std::span segments(object->dlpi_phdr, object->dlpi_phnum);
  for (const auto& segment : segments) {
    if (segment.p_type == PT_DYNAMIC && has_patched_code(*object, segment)) return 0;
  }
  for (const auto& segment : segments) {
    if (segment.p_type == PT_LOAD && (segment.p_flags & PF_W) == 0) release(*object, segment);
  }
  return 0;
}

}  // namespace

void release_start_up_pages() {
  proxy::release_free_memory();
  ::dl_iterate_phdr(release_object, nullptr);
}

}  // namespace foreword::tools
