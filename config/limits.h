// Every bound in the program, with the reason. Those that an operator may need to move are the
// defaults of a setting in settings.h; the rest are facts of the protocol or of the machine.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace foreword::config::limits {

// --- what a client may send --------------------------------------------------------------------
/// Anthropic takes 32 MB (and answers 413 above); images in base64 need all of it.
inline constexpr std::size_t kMaxBodyBytes = 32u << 20;
/// Bodies of prompts in memory at one time, over all connections: some hundred of a few megabytes.
inline constexpr std::size_t kMaxBufferedBytes = 1u << 30;
/// The head of a request or of an answer: SDKs' are under 2 KiB; long cookies and tokens are not.
inline constexpr std::size_t kMaxHeadBytes = 32u << 10;
/// Blocks of a prompt that are told apart: more than twice the messages that an API takes. Without
/// a bound, the list of them could be ten times as large as the body.
inline constexpr std::size_t kMaxSegments = std::size_t{1} << 18;
/// Label in the ledger: a name, not a document.
inline constexpr std::size_t kMaxLabelBytes = 128;
inline constexpr std::size_t kMaxKbNameBytes = 64;

// --- sizes of pieces ---------------------------------------------------------------------------
/// One receive at most: large enough for 100 KB bodies in one go, small enough to stay in L2.
inline constexpr std::size_t kReceiveBytes = 256u << 10;
inline constexpr std::size_t kRelayBytes = 64u << 10;
/// The first read of a request: its head and a short body. The rest of a long one is then read to
/// where it stays.
inline constexpr std::size_t kFirstReadBytes = 16u << 10;
/// A connection that need not wait sends this much before others have a turn.
inline constexpr std::size_t kTurnBytes = 1u << 20;
/// writev takes at most 64 pieces here at once; a plan makes about ten.
inline constexpr std::size_t kMaxGatherPieces = 64;
/// TLS records that go out with one send. Fewer at a time cost 15 % more at 1 MB, more gain
/// nothing.
inline constexpr std::size_t kTlsBatchBytes = 256u << 10;
/// Pieces of a body that are taken out of one receive at a time: of chunks of one byte, a receive
/// holds ten thousand, and what describes them would take more room than they do.
inline constexpr std::size_t kMaxBodyEvents = 512;
/// One read of a tunnel (WebSocket), each direction.
inline constexpr std::size_t kTunnelBytes = 16u << 10;

/// Bodies from here on come from a pool: below, the allocator recycles its memory by itself.
inline constexpr std::size_t kLeastPooledBodyBytes = 64u << 10;
/// Memory for bodies that a shard keeps when they are gone: a few of the largest prompts.
inline constexpr std::size_t kPooledBodyBytesPerShard = 64u << 20;
/// What of it has not been needed for so long is given back.
inline constexpr std::chrono::seconds kPooledBodyTime{10};

// --- what the meter may hold -------------------------------------------------------------------
/// One server-sent event: response.completed repeats the whole output.
inline constexpr std::size_t kMaxEventBytes = 16u << 20;
/// A JSON answer kept until its usage can be read; a larger one is relayed but not metered.
inline constexpr std::size_t kMaxMeteredJsonBytes = 64u << 20;

// --- connections -------------------------------------------------------------------------------
inline constexpr std::size_t kMaxConnections = 20'000;
/// Beyond max_connections, this many more are told so; the rest are closed without a word.
inline constexpr std::size_t kRefusedConnections = 64;
/// Requests under way to one upstream, over all threads.
inline constexpr std::size_t kMaxInFlight = 10'000;
/// Told to a client that was refused because of a limit of ours, as Retry-After.
inline constexpr std::chrono::seconds kRetryAfter{1};
/// A connection that has been quiet for so many ticks waits without a buffer from then on: to wait
/// without one costs a busy connection a system call more.
inline constexpr int kBufferTicks = 4;
inline constexpr std::size_t kMaxIdleUpstreamPerShard = 128;
/// TLS sessions that a shard may resume with an upstream: servers hand out two tickets at a time.
inline constexpr std::size_t kMaxTlsSessions = 16;
/// The answer to a request of Foreword's own: a count of tokens, or the usage of a pre-warming.
inline constexpr std::size_t kMaxOwnAnswerBytes = 1u << 20;
/// Spans for a collector that wait, some 1 KB each: a second of more prompts than two cores serve.
inline constexpr std::size_t kMaxQueuedSpans = 8192;
/// Of one export: OpenTelemetry's own default.
inline constexpr std::size_t kOtlpBatchSpans = 512;
/// For a collector to be connected to, and to answer; the end of the process waits for it.
inline constexpr std::chrono::milliseconds kOtlpTimeout{5'000};
/// Of one batch: between two attempts a collector has time, the more of it the oftener it failed.
inline constexpr int kOtlpAttempts = 3;
inline constexpr std::chrono::milliseconds kOtlpFirstPause{250};
inline constexpr std::chrono::milliseconds kOtlpLongestPause{30'000};
/// Of a client's tracestate that is passed on to the collector; the standard's least.
inline constexpr std::size_t kMaxTraceStateBytes = 512;
/// Questions to the admin API that are answered at one time: a publish that loads 200 MB, or waits
/// for a provider, must not keep the others waiting.
inline constexpr std::size_t kAdminThreads = 4;
/// 1xx answers before the real one: a model that thinks for ten minutes sends fewer.
inline constexpr std::size_t kMaxInterimAnswers = 256;
/// Read at a time from a client that is only waited for until it hears why it was refused.
inline constexpr std::size_t kLingerBytes = 4u << 10;
/// Header fields in one head, either direction.
inline constexpr std::size_t kMaxHeaderFields = 256;
/// So many entries the table of descriptors has from the start, at most: half a megabyte of the
/// system's memory.
inline constexpr std::size_t kOpenFilesFromTheStart = 1u << 16;

// --- waits: each has a name, and ends ----------------------------------------------------------
inline constexpr std::chrono::milliseconds kDeadlineTick{250};
inline constexpr std::chrono::seconds kConnectTimeout{10};
/// Models think before the first byte; SDKs wait 600 s.
inline constexpr std::chrono::seconds kFirstByteTimeout{600};
/// For another request to write what this one would write too.
inline constexpr std::chrono::seconds kGateMaxWait{30};
/// How often those that wait look.
inline constexpr std::chrono::milliseconds kGateTick{20};
/// Between two pieces of an answer; providers ping every few seconds.
inline constexpr std::chrono::seconds kIdleTimeout{300};
/// A client that stops in the middle of its head or body.
inline constexpr std::chrono::seconds kRequestTimeout{60};
/// The whole of a request, its answer included: the longest streams run for an hour.
inline constexpr std::chrono::hours kTotalTimeout{2};
/// Client connections; announced as Keep-Alive: timeout=N, less one part in kKeepAliveMargin.
inline constexpr std::chrono::seconds kKeepAliveTimeout{75};
inline constexpr int kKeepAliveMargin = 5;
/// Before an entry is forgotten, its ping is due: it counts from when the provider begins with it.
inline constexpr std::chrono::seconds kPingAhead{5};
inline constexpr std::chrono::milliseconds kBetweenPingLooks{250};
/// For the first byte of a ping's answer. What hangs for longer holds up the others.
inline constexpr std::chrono::seconds kPingTimeout{30};
/// Pings that are under way at a time.
inline constexpr std::size_t kPingsAtOnce = 4;
/// Prefixes that are kept warm: a version, a model and an account each.
inline constexpr std::size_t kMostKeptWarm = 1024;
/// Pooled upstream connections; below the common 60 s of load balancers.
inline constexpr std::chrono::seconds kUpstreamIdleTimeout{50};
inline constexpr std::chrono::seconds kDrainTimeout{30};
inline constexpr std::chrono::milliseconds kDrainTick{20};
/// After an accept that failed: connections that end meanwhile make room.
inline constexpr std::chrono::milliseconds kAcceptPause{50};
inline constexpr std::chrono::seconds kResolveInterval{30};
inline constexpr std::chrono::seconds kResolveRetryInterval{2};
/// At the end, a look-up that hangs is not waited for longer.
inline constexpr std::chrono::milliseconds kResolverGrace{200};
/// How often a request that came before the first look-up ended asks again.
inline constexpr std::chrono::milliseconds kResolveTick{20};
/// After an error, what the client still sends is read and dropped for this long.
inline constexpr std::chrono::seconds kLingerTimeout{5};

// --- what an operator may set ------------------------------------------------------------------
/// A settings file is a page of text.
inline constexpr std::size_t kMaxSettingsFileBytes = 1u << 20;
inline constexpr std::size_t kMaxUpstreamNameBytes = 64;
inline constexpr std::size_t kMaxSettingTextBytes = 4096;
inline constexpr std::uint32_t kMaxThreads = 1024;
/// Below this no real prompt fits.
inline constexpr std::size_t kLeastMaxBodyBytes = 1u << 10;
inline constexpr std::size_t kMostMaxBodyBytes = 1u << 30;
inline constexpr std::size_t kMostMaxBufferedBytes = std::size_t{1} << 40;
/// A head and some of its body share one block of kBlockBytes.
inline constexpr std::size_t kLeastMaxHeadBytes = 4u << 10;
inline constexpr std::size_t kMostMaxHeadBytes = 56u << 10;
inline constexpr std::size_t kMostMaxConnections = 1'000'000;
inline constexpr std::size_t kMostMaxInFlight = 1'000'000;
inline constexpr std::chrono::milliseconds kShortestWait{1};
inline constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours{24};
inline constexpr std::chrono::milliseconds kLongestFsyncInterval = std::chrono::seconds{60};
/// Elements of a setting that is a list: models of a knowledge base, labels that it is attached to.
inline constexpr std::size_t kMaxSettingElements = 256;
/// Superseded text of a knowledge base. Beyond half, more of a prompt would be wrong than right.
inline constexpr std::uint32_t kMaxStalePercent = 10;
inline constexpr std::uint32_t kMostMaxStalePercent = 50;

// --- the ledger --------------------------------------------------------------------------------
/// Rows that wait for the store, counted without the allocator's own share: some 100,000, several
/// minutes of a busy proxy whose disk is full. What comes beyond is dropped and counted, since
/// waiting for the disk would stop the requests.
/// Positions in front of a breakpoint at which an entry is looked for, at most: OpenAI looks at the
/// latest 80 breakpoints, wherever they are.
inline constexpr std::uint32_t kMostLookback = 80;
inline constexpr std::size_t kPrefixMemoryBytes = 64u << 20;
inline constexpr std::size_t kLedgerQueueBytes = 64u << 20;
/// Between two lines that say how many rows have been dropped.
inline constexpr std::chrono::seconds kLedgerDropReportInterval{60};
/// Who reads the ledger waits for the queue no longer than this while the store fails.
inline constexpr std::chrono::seconds kLedgerFlushTimeout{2};
inline constexpr std::chrono::milliseconds kLedgerFsyncInterval{1000};

// --- prompts and answers that are kept for training ----------------------------------------------
/// As they are stored, sealed: some 300,000 prompts of 10 KB with their answers.
inline constexpr std::size_t kMaxCapturedBytes = std::size_t{1} << 30;
inline constexpr std::size_t kLeastMaxCapturedBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMostMaxCapturedBytes = std::size_t{1} << 40;
/// A prompt and its answer: longer ones are in no training set.
inline constexpr std::size_t kMaxCaptureBytes = 8u << 20;
/// Those under way and those that wait for the store. What comes beyond is dropped and counted:
/// requests wait for no training set.
inline constexpr std::size_t kCaptureMemoryBytes = 64u << 20;
/// Who reads captures waits for those that are queued, and no longer than this.
inline constexpr std::chrono::seconds kCaptureFlushTimeout{5};
/// Objects and lists in each other, in prompts and answers that are read for training. Schemas of
/// tools nest some twenty deep.
inline constexpr std::size_t kMaxExampleDepth = 128;
/// Of one answer of the admin API: a page of training examples.
inline constexpr std::size_t kExamplePageBytes = 8u << 20;
inline constexpr std::size_t kExampleLines = 1000;
inline constexpr std::size_t kMostExampleLines = 2000;

// --- knowledge bases ---------------------------------------------------------------------------
inline constexpr std::size_t kMaxLayers = 3;
/// In one request. With all their layers they still go out in one gather write.
inline constexpr std::size_t kMaxKbsPerRequest = 8;
/// Sets of knowledge bases that are kept joined, some kilobytes each: more than a team uses.
inline constexpr std::size_t kMaxJoinedKbs = 256;
/// A day's work of a team that publishes every half an hour; old versions share most of what they
/// are made of.
inline constexpr std::size_t kKbVersionsKept = 20;
/// Each publish reads a line for each of them.
inline constexpr std::size_t kMostKbVersionsKept = 10'000;
inline constexpr std::size_t kMaxDocumentBytes = 64u << 20;
/// Latest rows of the ledger that token estimates are learned from: some 50 ms to read.
inline constexpr std::size_t kCalibrationRows = 10'000;
/// Names of documents in the answer to an update, of each kind of change: more nobody reads.
inline constexpr std::size_t kMaxListedChanges = 100;
/// Body of a PUT at the admin API.
inline constexpr std::size_t kMaxAdminBodyBytes = 1u << 30;
/// Of a request that is refused by its head: a longer body is not read, and its connection closed.
inline constexpr std::size_t kRefusedAdminBodyBytes = 64u << 10;

// --- files that are loaded as documents ---------------------------------------------------------
/// Text of a knowledge base: some 100 million tokens, a hundred times the largest window.
inline constexpr std::uint64_t kMaxLoadedBytes = 512u << 20;
/// A folder with more is not one that somebody wrote.
inline constexpr std::size_t kMaxLoadedFiles = 200'000;
inline constexpr std::size_t kMaxFolderDepth = 64;
/// Of a PDF or DOCX as it lies on the disk: pictures make it large, and are not read.
inline constexpr std::uint64_t kMaxExtractedFileBytes = 512u << 20;
inline constexpr std::size_t kMaxIgnoreFileBytes = 1u << 20;
/// Address space for one file's extraction: the file itself, the libraries, and what they make.
inline constexpr std::uint64_t kExtractMemoryBytes = 2ull << 30;
/// The Debian reference, 233 pages of PDF, takes one second; a hundred times that is a loop.
inline constexpr std::chrono::seconds kExtractCpuTime{100};
/// On a machine that is busy with other things.
inline constexpr std::chrono::seconds kExtractWallTime{300};
/// A worker that is past its own deadline and has not said so is killed after that much more.
inline constexpr std::chrono::seconds kExtractGrace{5};
/// Fonts' and encodings' tables that libraries open while they extract.
inline constexpr std::size_t kExtractOpenFiles = 16;
/// Browsers stop at 512 too.
inline constexpr unsigned kMaxHtmlDepth = 512;
/// Rows and columns that a cell may span: HTML's own bound for columns.
inline constexpr std::size_t kMaxSpan = 1000;
inline constexpr int kMaxPdfPages = 20'000;
inline constexpr std::size_t kMaxOutlineEntries = 20'000;
/// XML packs to a tenth or a twentieth, tables of the same number to a hundredth.
inline constexpr std::size_t kMaxZipRatio = 200;
inline constexpr std::size_t kLeastZipPartBytes = 16u << 20;
inline constexpr std::size_t kMaxZipPartBytes = 256u << 20;
/// JSON nests some ten deep; its parser calls itself for each level.
inline constexpr std::size_t kMaxJsonDepth = 1'000;
/// A file that was changed so shortly before it was read may change again within the same tick of
/// the file system's clock.
inline constexpr std::chrono::seconds kDistrustedAge{2};
/// `kb load --watch` waits for that much quiet before it publishes, and no longer than that.
inline constexpr std::chrono::seconds kWatchQuiet{1};
inline constexpr std::chrono::seconds kWatchLongest{10};
/// How often folders are looked at that cannot be watched.
inline constexpr std::chrono::seconds kWatchPoll{2};

// --- what an upstream refused, and where OpenAI sends requests -----------------------------------
/// What an upstream refused is not tried again for so long: then one request finds out anew.
inline constexpr std::chrono::hours kRefusalTime{1};
/// Pairs of an upstream and a model; clients name models as they like.
inline constexpr std::size_t kMaxRefusals = 1024;
/// Of an answer 400, held until it is judged. Providers' are below 1 KB; one that repeats the
/// request may be longer, and is passed on unread.
inline constexpr std::size_t kMaxRefusalBytes = 64u << 10;

/// OpenAI before gpt-5.6: above some 15 requests a minute for one prefix and prompt_cache_key, the
/// rest goes to other machines, whose caches are cold.
inline constexpr std::size_t kRequestsPerCacheKey = 15;
inline constexpr std::chrono::minutes kCacheKeyWindow{1};
/// Two keys are made one only after the traffic has fitted it for so long.
inline constexpr std::chrono::minutes kCacheKeyMergeTime{1};
/// An idle prefix is dropped after 5 to 10 minutes: then no key is warm any more.
inline constexpr std::chrono::minutes kCacheKeyIdleTime{5};
/// A thousand requests a minute for one prefix: beyond, all keys overflow alike.
inline constexpr std::size_t kMaxCacheKeyShards = 64;
/// Prefixes whose traffic is counted, 130 bytes and more each.
inline constexpr std::size_t kMaxCountedCacheKeys = 4096;
/// The least prefix that OpenAI caches, where the table of models does not say.
inline constexpr std::uint64_t kOpenAiMinCacheableTokens = 1024;

/// Anthropic: "max 4 breakpoints per request", its automatic one included.
inline constexpr std::size_t kAnthropicMaxBreakpoints = 4;
/// OpenAI from gpt-5.6: the latest 4 explicit ones count, 3 beside the implicit one.
inline constexpr std::size_t kOpenAiMaxBreakpointsExplicit = 4;
inline constexpr std::size_t kOpenAiMaxBreakpointsImplicit = 3;

static_assert(kMaxLayers < kAnthropicMaxBreakpoints, "leave the client at least one breakpoint");
static_assert(2 * kMaxKbsPerRequest * kMaxLayers + 10 <= kMaxGatherPieces,
              "each layer, what stands between two, and a plan without knowledge bases");
static_assert(kMaxStalePercent <= kMostMaxStalePercent);
static_assert(kMaxCaptureBytes <= kCaptureMemoryBytes);
static_assert(kLeastMaxBodyBytes <= kMaxBodyBytes && kMaxBodyBytes <= kMostMaxBodyBytes);
static_assert(kLeastMaxHeadBytes <= kMaxHeadBytes && kMaxHeadBytes <= kMostMaxHeadBytes);
static_assert(kMaxConnections <= kMostMaxConnections);
static_assert(kMaxInFlight <= kMostMaxInFlight);
static_assert(kFirstByteTimeout <= kTotalTimeout && kTotalTimeout <= kLongestWait);
static_assert(kLedgerFsyncInterval <= kLongestFsyncInterval);
static_assert(kFirstByteTimeout <= kLongestWait);
static_assert(kFirstReadBytes <= kRelayBytes && kRelayBytes <= kReceiveBytes);
static_assert(kUpstreamIdleTimeout < kKeepAliveTimeout);
static_assert(kIdleTimeout <= kFirstByteTimeout);

}  // namespace foreword::config::limits
