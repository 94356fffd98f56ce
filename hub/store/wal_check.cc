#include "hub/store/wal_check.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "hub/store/rocks_status.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

constexpr size_t kBlockBytes = 32 << 10;
// crc(4) length(2) type(1), then the payload. The checksum covers type and payload.
constexpr size_t kHeadBytes = 7;
constexpr uint8_t kTypeMax = 4;  // full, first, middle, last; higher ones need options that are off

struct Head {
  uint32_t crc;
  size_t length;
  uint8_t type;
};

uint8_t ByteAt(std::string_view block, size_t at) {
  return static_cast<uint8_t>(block[at]);
}

Head ReadHead(std::string_view block, size_t at) {
  uint32_t crc = 0;
  for (size_t i = 4; i-- > 0;) crc = crc << 8 | ByteAt(block, at + i);
  const size_t length = ByteAt(block, at + 4) | size_t{ByteAt(block, at + 5)} << 8;
  return {crc, length, ByteAt(block, at + 6)};
}

constexpr std::array<uint32_t, 256> MakeCrc32cTable() {
  std::array<uint32_t, 256> table = {};
  for (uint32_t i = 0; i < table.size(); ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
    table[i] = crc;
  }
  return table;
}

// CRC-32C (RFC 3720, appendix B.4), masked as RocksDB stores it.
uint32_t MaskedCrc32c(std::string_view bytes) {
  static constexpr std::array<uint32_t, 256> kTable = MakeCrc32cTable();
  uint32_t crc = ~0u;
  for (const char byte : bytes) crc = kTable[(crc ^ static_cast<uint8_t>(byte)) & 0xff] ^ crc >> 8;
  crc = ~crc;
  return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

bool Fits(std::string_view block, size_t at, const Head& head) {
  return at + kHeadBytes + head.length <= block.size();
}

bool ChecksumHolds(std::string_view block, size_t at, const Head& head) {
  return MaskedCrc32c(block.substr(at + kHeadBytes - 1, 1 + head.length)) == head.crc;
}

bool IsWhole(std::string_view block, size_t at) {
  if (at + kHeadBytes > block.size()) return false;
  const Head head = ReadHead(block, at);
  return head.type >= 1 && head.type <= kTypeMax && Fits(block, at, head) &&
         ChecksumHolds(block, at, head);
}

// True if a whole record starts anywhere from `at` on: then what is before it is no torn end.
bool HasRecordFrom(std::string_view block, size_t at) {
  for (; at + kHeadBytes <= block.size(); ++at) {
    if (IsWhole(block, at)) return true;
  }
  return false;
}

// True if a whole record starts here and ends with the block, whatever its length says: then only
// the length is damaged.
bool IsWholeToTheEnd(std::string_view block, size_t at) {
  if (at + kHeadBytes > block.size()) return false;
  Head head = ReadHead(block, at);
  head.length = block.size() - at - kHeadBytes;
  return ChecksumHolds(block, at, head);
}

// What one block told.
struct BlockResult {
  std::optional<size_t> damaged_at;
  // The first byte of zeros that fill the rest: the end of the log, if only zeros follow.
  std::optional<size_t> zeros_at;
};

BlockResult CheckBlock(std::string_view block, bool is_last, WalChecksums checksums) {
  if (block.find_first_not_of('\0') == std::string_view::npos) return {{}, 0};
  size_t at = 0;
  while (at + kHeadBytes <= block.size()) {
    const Head head = ReadHead(block, at);
    if (head.type == 0 && head.length == 0) {
      if (block.find_first_not_of('\0', at) == std::string_view::npos) return {{}, at};
      return {at, {}};
    }
    const bool legal = head.type >= 1 && head.type <= kTypeMax;
    if (!legal || !Fits(block, at, head)) {
      const bool torn =
          is_last && legal && !IsWholeToTheEnd(block, at) && !HasRecordFrom(block, at + 1);
      return {torn ? std::nullopt : std::optional(at), {}};
    }
    if (checksums == WalChecksums::kVerify && !ChecksumHolds(block, at, head)) return {at, {}};
    at += kHeadBytes + head.length;
  }
  return {};
}

const char kRestore[] = "restore the data folder from a backup";

absl::Status Damaged(const std::string& path, uint64_t offset) {
  return absl::DataLossError("the log " + path + " is damaged at byte " + std::to_string(offset) +
                             ", before its end; " + kRestore);
}

absl::Status CheckLog(rocksdb::Env* env, const std::string& path, WalChecksums checksums) {
  const std::string doing = "cannot read " + path;
  uint64_t file_bytes = 0;
  RETURN_IF_ERROR(FromRocks(env->GetFileSize(path, &file_bytes), doing));
  std::unique_ptr<rocksdb::SequentialFile> file;
  RETURN_IF_ERROR(FromRocks(env->NewSequentialFile(path, &file, rocksdb::EnvOptions()), doing));
  std::vector<char> buffer(kBlockBytes);
  std::optional<uint64_t> zeros_at;
  for (uint64_t offset = 0; offset < file_bytes; offset += kBlockBytes) {
    rocksdb::Slice block;
    RETURN_IF_ERROR(FromRocks(file->Read(kBlockBytes, &block, buffer.data()), doing));
    const bool is_last = offset + kBlockBytes >= file_bytes;
    const BlockResult result = CheckBlock({block.data(), block.size()}, is_last, checksums);
    if (result.damaged_at) return Damaged(path, offset + *result.damaged_at);
    // Zeros end a log; records behind them say that something else zeroed them.
    if (zeros_at && result.zeros_at != size_t{0}) return Damaged(path, *zeros_at);
    if (result.zeros_at && !zeros_at) zeros_at = offset + *result.zeros_at;
  }
  return absl::OkStatus();
}

const char kManifestHead[] = "MANIFEST-";

bool IsLog(const std::string& name) {
  const std::string ending = ".log";
  return name.size() > ending.size() &&
         name.compare(name.size() - ending.size(), ending.size(), ending) == 0;
}

bool IsManifest(const std::string& name) {
  return name.compare(0, sizeof(kManifestHead) - 1, kManifestHead) == 0 &&
         name.find('/') == std::string::npos;
}

}  // namespace

absl::Status CheckWals(rocksdb::Env* env, const std::string& db_path, WalChecksums checksums,
                       WalsExpected expected) {
  std::vector<std::string> names;
  RETURN_IF_ERROR(FromRocks(env->GetChildren(db_path, &names), "cannot read " + db_path));
  std::sort(names.begin(), names.end());
  bool found = false;
  for (const std::string& name : names) {
    if (!IsLog(name)) continue;
    found = true;
    RETURN_IF_ERROR(CheckLog(env, db_path + "/" + name, checksums));
  }
  if (found || expected == WalsExpected::kAnyNumber) return absl::OkStatus();
  return absl::DataLossError("the write-ahead log in " + db_path + " is missing; " + kRestore);
}

absl::Status CheckManifest(rocksdb::Env* env, const std::string& db_path, WalChecksums checksums) {
  const std::string current = db_path + "/CURRENT";
  std::string name;
  RETURN_IF_ERROR(
      FromRocks(rocksdb::ReadFileToString(env, current, &name), "cannot read " + current));
  if (!name.empty() && name.back() == '\n') name.pop_back();
  const std::string manifest = db_path + "/" + name;
  if (!IsManifest(name) || !env->FileExists(manifest).ok()) {
    return absl::DataLossError(current + " is damaged: it names no manifest that is there; " +
                               kRestore);
  }
  return CheckLog(env, manifest, checksums);
}

}  // namespace sessionhub::hub
