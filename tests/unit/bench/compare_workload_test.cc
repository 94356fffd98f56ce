// What users of the comparison send: sizes, which fields, in which order, to which nodes.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "bench/compare/measure.h"
#include "bench/compare/workload.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

std::vector<WebRequest> All(const Cell& cell, size_t user, uint64_t stream = 1) {
  UserRequests requests(cell, user, stream);
  std::vector<WebRequest> all;
  for (size_t i = 0; i < requests.count(); ++i) all.push_back(requests.Next());
  return all;
}

size_t HotFields(const SessionFields& fields) {
  size_t hot = 0;
  for (const auto& [name, value] : fields) hot += value.size() == kHotValueBytes ? 1 : 0;
  return hot;
}

TEST(CompareWorkload, ASessionHasTheSizeThatIsWanted) {
  for (const size_t bytes : {size_t{1'024}, size_t{4'096}, size_t{65'536}, size_t{262'144}}) {
    for (const size_t changed : {1, 3, 20}) {
      Cell cell;
      cell.session_bytes = bytes;
      cell.fields_changed = changed;
      ASSERT_OK(CheckCell(cell));
      EXPECT_EQ(SerialisedBytes(FirstFields(cell, 7)), bytes) << changed << " fields changed";
      EXPECT_EQ(FirstFields(cell, 7).size(), 20u);
    }
  }
}

TEST(CompareWorkload, ASessionKeepsItsSizeHoweverOftenItIsChanged) {
  for (const size_t changed : {1, 3, 20}) {
    Cell cell;
    cell.fields_changed = changed;
    cell.sessions = 10;
    cell.requests = 200;
    std::vector<SessionFields> sessions;
    for (size_t session = 0; session < cell.sessions; ++session) {
      sessions.push_back(FirstFields(cell, session));
    }
    for (size_t user = 0; user < UsersOf(cell); ++user) {
      for (const WebRequest& request : All(cell, user)) {
        ASSERT_EQ(request.changes.size(), changed);
        for (const auto& [name, value] : request.changes) {
          sessions[request.session][name] = value;
        }
        ASSERT_EQ(SerialisedBytes(sessions[request.session]), cell.session_bytes);
      }
    }
  }
}

TEST(CompareWorkload, OnlyHotFieldsChangeAndTheyAreSixteenBytesFromTheStart) {
  Cell cell;
  cell.fields_changed = 3;
  cell.requests = 400;
  std::map<size_t, std::set<std::string>> changed;  // by session
  for (const WebRequest& request : All(cell, 1)) {
    for (const auto& [name, value] : request.changes) {
      EXPECT_EQ(value.size(), kHotValueBytes);
      changed[request.session].insert(name);
    }
  }
  for (const auto& [session, names] : changed) {
    EXPECT_EQ(names.size(), 3u);
    const SessionFields first = FirstFields(cell, session);
    EXPECT_EQ(HotFields(first), 3u);
    for (const std::string& name : names) EXPECT_EQ(first.at(name).size(), kHotValueBytes);
  }
}

TEST(CompareWorkload, TheSameSeedGivesTheSameRequestsAndAnotherStreamGivesOthers) {
  const Cell cell;
  const std::vector<WebRequest> once = All(cell, 0), again = All(cell, 0), other = All(cell, 0, 2);
  ASSERT_EQ(once.size(), again.size());
  size_t same = 0;
  for (size_t i = 0; i < once.size(); ++i) {
    EXPECT_EQ(once[i].changes, again[i].changes);
    same += once[i].changes == other[i].changes ? 1 : 0;
  }
  EXPECT_EQ(same, 0u);
}

TEST(CompareWorkload, UsersShareSessionsAndRequestsOut) {
  Cell cell;
  cell.nodes = 4;
  cell.connections = 2;
  cell.requests = 1'003;
  std::map<size_t, size_t> user_of_session;
  size_t requests = 0;
  for (size_t user = 0; user < UsersOf(cell); ++user) {
    for (const WebRequest& request : All(cell, user)) {
      EXPECT_EQ(user_of_session.emplace(request.session, user).first->second, user);
      ++requests;
    }
  }
  EXPECT_EQ(user_of_session.size(), cell.sessions);
  EXPECT_EQ(requests, cell.requests);
}

TEST(CompareWorkload, StickyRequestsStayAtHomeAndOthersGoToAllNodesInTurn) {
  Cell cell;
  cell.nodes = 4;
  cell.requests = 4'000;
  for (const WebRequest& request : All(cell, 3)) {
    EXPECT_EQ(request.node, HomeOf(cell, request.session));
  }
  cell.round_robin = true;
  std::map<size_t, std::vector<size_t>> nodes;  // by session
  for (const WebRequest& request : All(cell, 3)) nodes[request.session].push_back(request.node);
  for (const auto& [session, visited] : nodes) {
    EXPECT_EQ(visited.front(), (HomeOf(cell, session) + 1) % 4);
    for (size_t i = 1; i < visited.size(); ++i) EXPECT_EQ(visited[i], (visited[i - 1] + 1) % 4);
  }
}

TEST(CompareWorkload, SoManyRequestsOnlyRead) {
  Cell cell;
  cell.requests = 10'000;
  for (const size_t percent : {0, 50, 90, 100}) {
    cell.read_percent = percent;
    size_t reads = 0;
    for (const WebRequest& request : All(cell, 0)) {
      EXPECT_NE(request.changes.empty(), request.read_field.empty());
      reads += request.changes.empty() ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(reads), 50.0 * static_cast<double>(percent), 150) << percent;
  }
}

TEST(CompareWorkload, WhatCannotBeIsRefusedByItsName) {
  Cell small;
  small.session_bytes = 200;
  EXPECT_THAT(CheckCell(small).message(), ::testing::HasSubstr("at least 215 bytes, not 200"));
  small.session_bytes = 215;
  EXPECT_OK(CheckCell(small));
  EXPECT_EQ(SerialisedBytes(FirstFields(small, 0)), 215u);
  Cell many;
  many.fields_changed = 21;
  EXPECT_THAT(CheckCell(many).message(), ::testing::HasSubstr("all 20 fields"));
  Cell crowded;
  crowded.nodes = 16;
  crowded.connections = 8;
  EXPECT_THAT(CheckCell(crowded).message(), ::testing::HasSubstr("128 users"));
}

TEST(CompareWorkload, AWarmUpBringsEachSessionToEachNodeThatWillServeIt) {
  for (const size_t nodes : {1, 2, 3, 8, 16, 32, 64}) {
    for (const bool round_robin : {false, true}) {
      Cell cell;
      cell.nodes = nodes;
      cell.round_robin = round_robin;
      cell.requests = WarmUpRequests(cell);
      std::map<size_t, std::set<size_t>> nodes_by_session;
      for (size_t user = 0; user < UsersOf(cell); ++user) {
        for (const WebRequest& request : All(cell, user)) {
          nodes_by_session[request.session].insert(request.node);
        }
      }
      EXPECT_EQ(nodes_by_session.size(), cell.sessions) << nodes;
      for (const auto& [session, reached] : nodes_by_session) {
        EXPECT_EQ(reached.size(), round_robin ? nodes : 1) << session << " of " << nodes;
      }
    }
  }
}

}  // namespace
}  // namespace sessionhub::bench
