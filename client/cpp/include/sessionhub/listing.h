// Listing: what Client::ListSessions is asked for, and answers. Part of the public API (C++17).
#ifndef SESSIONHUB_LISTING_H_
#define SESSIONHUB_LISTING_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace sessionhub {

// Which sessions Client::ListSessions lists, and how many at a time.
struct ListOptions {
  // Only the sessions of this owner (1 to 256 bytes). Empty: all of the app.
  std::string owner{};
  // How many the hub looks at for one page: 0 stands for 100, and 1,000 is the most.
  uint32_t page_size = 0;
  // SessionPage::next_page_token of the page before, of the same owner. Empty: the first page.
  std::string page_token{};
};

// One session, as it is stored. Times are those of the hub's clock.
struct SessionInfo {
  std::string id;        // a credential: whoever has it has the session
  bool id_cut = false;   // of `id` only the first bytes are told: a hub that asks for tokens gives
                         // whole ids to those of role admin alone
  std::string id_hash;   // stands for the id in the hub's listings and audit; empty: an older hub
  uint64_t number = 0;   // of this life: Session::number
  uint64_t version = 0;  // the newest, which a node may not have heard of yet
  uint64_t nodes = 0;    // with interest in it, now
  std::string owner;     // empty: none
  bool owner_cut = false;  // as id_cut; never where ListOptions::owner has named it
  std::string owner_hash;  // as id_hash; empty: no owner
  std::chrono::system_clock::time_point created;            // this life, by whichever node
  std::chrono::system_clock::time_point last_access;        // the newest use that the hub has noted
  std::chrono::milliseconds idle_timeout{0};                // 0: none
  std::chrono::system_clock::time_point absolute_deadline;  // the epoch: none
};

// What Client::ListSessions answers.
struct SessionPage {
  // May be fewer than page_size, or none, although more pages follow.
  std::vector<SessionInfo> sessions;
  std::string next_page_token;  // empty: this is the last page
};

}  // namespace sessionhub

#endif  // SESSIONHUB_LISTING_H_
