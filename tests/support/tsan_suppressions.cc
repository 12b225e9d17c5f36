// Part of every test program of the tsan preset.

/// Debian's RocksDB is not built with ThreadSanitizer, which therefore sees the bytes that it
/// copies between threads but not the atomics that order them. Only reports with a frame of
/// RocksDB's own in one of their two stacks are left out.
extern "C" const char* __tsan_default_suppressions() {
  return "race:librocksdb.so\nrace:^rocksdb::\n";
}

/// A report whose second stack is forgotten cannot be left out: remember some more of them.
extern "C" const char* __tsan_default_options() {
  return "history_size=4";
}
