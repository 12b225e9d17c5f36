// Part of every test program of the tsan preset.

/// Debian's RocksDB is not built with ThreadSanitizer, which therefore sees the bytes that it
/// copies between threads but not the atomics that order them. Its own copies are not looked at;
/// every access of ours still is.
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:librocksdb.so\n";
}
