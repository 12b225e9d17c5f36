// What a start leaves in memory, although nothing needs it any longer.
#pragma once

namespace foreword::tools {

/// Gives back the pages of code and constants that were read so far, and the heap's free ones. What
/// is needed again comes from the system's cache of files, a page fault for each 64 KB.
void release_start_up_pages();

}  // namespace foreword::tools
