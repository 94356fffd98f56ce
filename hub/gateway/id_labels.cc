#include "hub/gateway/id_labels.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "proto/session/error_codes.h"
#include "proto/session/ids.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

constexpr size_t kLabelKeyBytes = 32;
constexpr int kNonceBytes = 12;
constexpr int kTagBytes = 16;
constexpr char kLabelKeyFile[] = "/id-hash-key";
// So that one key serves two ends.
constexpr char kForIds[] = "id";
constexpr char kForPages[] = "page token";

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

std::string Hmac(std::string_view key, std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(text), text.size(), digest,
       &size);
  return std::string(digest, digest + size);
}

absl::StatusOr<std::string> Random(size_t bytes) {
  std::string random(bytes, '\0');
  if (RAND_bytes(Bytes(random), static_cast<int>(bytes)) == 1) return random;
  return absl::InternalError("the system gives no random bytes");
}

absl::Status KeyError(const std::string& doing, const std::string& path) {
  return absl::ErrnoToStatus(errno, "cannot " + doing + " " + path);
}

absl::StatusOr<std::string> ReadKey(const std::string& path, int descriptor) {
  struct stat found {};
  if (fstat(descriptor, &found) != 0) return KeyError("look at", path);
  if ((found.st_mode & 0077) != 0) {
    return absl::FailedPreconditionError(
        path + " may be read by others than its owner: chmod 600 " + path);
  }
  std::string key(kLabelKeyBytes + 1, '\0');
  const ssize_t count = read(descriptor, key.data(), key.size());
  if (count == static_cast<ssize_t>(kLabelKeyBytes)) return key.substr(0, kLabelKeyBytes);
  return absl::FailedPreconditionError(
      path + " is damaged: it has " + std::to_string(kLabelKeyBytes) +
      " bytes. Without it the hub makes another; hashes of ids then change");
}

absl::Status SyncKeyFolder(const std::string& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return KeyError("open", folder);
  const absl::Status status = fsync(descriptor) == 0 ? absl::OkStatus() : KeyError("sync", folder);
  close(descriptor);
  return status;
}

// Whole or not at all: a start that is broken off leaves no half of a key. Durable before it is
// used: a power cut takes no key away under which the audit has hashes.
absl::StatusOr<std::string> MakeKey(const std::string& folder) {
  const std::string path = folder + kLabelKeyFile;
  ASSIGN_OR_RETURN(const std::string key, Random(kLabelKeyBytes));
  const std::string beside = path + ".new";
  unlink(beside.c_str());  // of such a start
  const int descriptor = open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return KeyError("make", beside);
  const bool written =
      write(descriptor, key.data(), key.size()) == static_cast<ssize_t>(key.size()) &&
      fsync(descriptor) == 0;
  const absl::Status status = written ? absl::OkStatus() : KeyError("write", beside);
  close(descriptor);
  RETURN_IF_ERROR(status);
  if (rename(beside.c_str(), path.c_str()) != 0) return KeyError("make", path);
  RETURN_IF_ERROR(SyncKeyFolder(folder));
  return key;
}

absl::Status NotSealedHere() {
  return ErrorStatus(CallError::kArgumentInvalid, "page_token is not one of this listing");
}

}  // namespace

absl::StatusOr<IdLabels> IdLabels::Open(const std::string& folder) {
  if (folder.empty()) {
    ASSIGN_OR_RETURN(std::string key, Random(kLabelKeyBytes));
    return IdLabels(std::move(key));
  }
  const std::string path = folder + kLabelKeyFile;
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno != ENOENT) return KeyError("open", path);
  absl::StatusOr<std::string> key = descriptor < 0 ? MakeKey(folder) : ReadKey(path, descriptor);
  if (descriptor >= 0) close(descriptor);
  if (!key.ok()) return key.status();
  return IdLabels(*std::move(key));
}

std::string IdLabels::Hash(std::string_view app, std::string_view id) const {
  std::string text(app);  // has no NUL
  text.push_back('\0');
  text.append(id);
  const std::string digest = Hmac(Hmac(key_, kForIds), text);
  return ToHex(digest.substr(0, kIdHashDigits / 2));
}

// AES-256-GCM: nonce, what is hidden, tag.
absl::StatusOr<std::string> IdLabels::Seal(std::string_view text, std::string_view context) const {
  if (text.empty()) return std::string();
  ASSIGN_OR_RETURN(const std::string nonce, Random(kNonceBytes));
  const std::string key = Hmac(key_, kForPages);
  const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string hidden(text.size(), '\0');
  std::string tag(kTagBytes, '\0');
  int size = 0;
  const bool sealed =
      cipher != nullptr &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, Bytes(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), Bytes(hidden), &size, Bytes(text),
                        static_cast<int>(text.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), Bytes(hidden) + size, &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1;
  if (!sealed) return absl::InternalError("OpenSSL does not seal a page token");
  return nonce + hidden + tag;
}

absl::StatusOr<std::string> IdLabels::Unseal(std::string_view sealed,
                                             std::string_view context) const {
  if (sealed.empty()) return std::string();
  if (sealed.size() <= kNonceBytes + kTagBytes) return NotSealedHere();
  const std::string_view nonce = sealed.substr(0, kNonceBytes);
  const std::string_view hidden =
      sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  const std::string key = Hmac(key_, kForPages);
  const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string text(hidden.size(), '\0');
  int size = 0;
  const bool unsealed =
      cipher != nullptr &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, Bytes(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), Bytes(text), &size, Bytes(hidden),
                        static_cast<int>(hidden.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), Bytes(text) + size, &size) == 1;
  if (!unsealed) return NotSealedHere();
  return text;
}

}  // namespace sessionhub::hub
