// The names of candidates, measures and points, as the table and the JSON spell them.
#pragma once

#include <string_view>

namespace foreword::bench {

namespace candidates {
inline constexpr std::string_view kDirect = "direct";
inline constexpr std::string_view kRelay = "relay";
inline constexpr std::string_view kForewordOff = "foreword-off";
inline constexpr std::string_view kForeword = "foreword";
/// Another build: of the commit before, say.
inline constexpr std::string_view kForewordOther = "foreword-other";
inline constexpr std::string_view kForewordOtherOff = "foreword-other-off";
inline constexpr std::string_view kForewordKb = "foreword-kb";
inline constexpr std::string_view kForewordLargeKb = "foreword-large-kb";
inline constexpr std::string_view kNginxStreaming = "nginx-streaming";
inline constexpr std::string_view kNginxStoring = "nginx-storing";
inline constexpr std::string_view kHaproxy = "haproxy";
inline constexpr std::string_view kHaproxyTuned = "haproxy-tuned";
inline constexpr std::string_view kPortkey = "portkey";
inline constexpr std::string_view kAsioSslStream = "asio-ssl-stream";
}  // namespace candidates

namespace measures {
/// Processor time of the proxy per request, in microseconds.
inline constexpr std::string_view kCpu = "cpu_us";
inline constexpr std::string_view kRate = "requests_per_second";
/// At one connection, over the same request without a proxy.
inline constexpr std::string_view kAddedP50 = "added_p50_us";
inline constexpr std::string_view kAddedP99 = "added_p99_us";
/// Of the request without a proxy.
inline constexpr std::string_view kDirectP50 = "p50_us";
inline constexpr std::string_view kDirectP99 = "p99_us";
inline constexpr std::string_view kResident = "resident_mb";
inline constexpr std::string_view kIdleConnection = "idle_connection_kb";
inline constexpr std::string_view kStreamMemory = "stream_kb";
inline constexpr std::string_view kEventCpu = "event_cpu_us";
/// The longest wait for an event of any stream, beyond the interval at which they are sent.
inline constexpr std::string_view kWorstStall = "worst_stall_ms";
inline constexpr std::string_view kTlsSend = "tls_send_us";
inline constexpr std::string_view kPlan = "plan_us";
inline constexpr std::string_view kLedgerAppend = "ledger_append_us";
inline constexpr std::string_view kLedgerSync = "ledger_sync_ms";
inline constexpr std::string_view kSavings = "savings_ms";
inline constexpr std::string_view kSavingsRows = "savings_rows";
/// Processor time of the whole process for a row that is written: encoding, sums, RocksDB.
inline constexpr std::string_view kLedgerWrite = "ledger_write_us";
}  // namespace measures

namespace points {
inline constexpr std::string_view k1K = "1 KB";
inline constexpr std::string_view k100K = "100 KB";
inline constexpr std::string_view k800K = "800 KB";
inline constexpr std::string_view k1M = "1 MB";
inline constexpr std::string_view k4M = "4 MB";
inline constexpr std::string_view kAtRest = "at rest";
inline constexpr std::string_view k1000Segments = "1,000 segments";
inline constexpr std::string_view kYear = "a year, by model";
inline constexpr std::string_view kYearByLabel = "a year, by label";
}  // namespace points

}  // namespace foreword::bench
