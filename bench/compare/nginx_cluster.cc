#include "bench/compare/nginx_cluster.h"

#include <fstream>

#include "bench/compare/programs.h"
#include "bench/compare/web_node.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

// In the foreground and with one process, so that its end is seen and ends with this one. All that
// it writes goes below the folder, which is root's, as nginx is: of this system or of the test bed
// only. The body of a 256 KiB session fits in memory.
constexpr char kHead[] = R"(daemon off;
master_process off;
user root root;
pid FOLDER/nginx.pid;
error_log stderr warn;
events { worker_connections 4096; }
http {
  access_log off;
  client_max_body_size 64m;
  client_body_buffer_size 1m;
  client_body_temp_path FOLDER/body;
  proxy_temp_path FOLDER/proxy;
  fastcgi_temp_path FOLDER/fastcgi;
  uwsgi_temp_path FOLDER/uwsgi;
  scgi_temp_path FOLDER/scgi;
  keepalive_requests 100000000;
  tcp_nodelay on;
  upstream nodes {
    ip_hash;
)";
constexpr char kTail[] = R"(    keepalive 256;
    keepalive_requests 100000000;
  }
  server {
    listen LISTEN;
    location / {
      proxy_pass http://nodes;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffers 64 8k;
    }
  }
}
)";

std::string Replaced(std::string text, const std::string& what, const std::string& by) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

}  // namespace

NginxCluster::NginxCluster(TestBed* bed, const ClusterOptions& options)
    : bed_(*bed), options_(options), nodes_(bed, "sticky_only", nullptr, options) {}

absl::Status NginxCluster::WriteSettings(const std::string& path) const {
  std::ofstream file(path);
  file << Replaced(kHead, "FOLDER", options_.folder);
  // A node that is there again gets its users back after a second, not after nginx's usual ten.
  for (size_t node = 0; node < options_.nodes; ++node) {
    file << "    server " << nodes_.FrontAddress(node) << " fail_timeout=1s;\n";
  }
  file << Replaced(kTail, "LISTEN", WebAddress(bed_, kBalancerHost));
  file.close();
  return file ? absl::OkStatus() : absl::UnavailableError("cannot write " + path);
}

absl::Status NginxCluster::StartNginx() {
  ASSIGN_OR_RETURN(const std::string nginx, FindProgram("nginx", "nginx-light"));
  const std::string settings = options_.folder + "/nginx.conf";
  RETURN_IF_ERROR(WriteSettings(settings));
  RETURN_IF_ERROR(bed_.AddHost(kBalancerHost));
  const ChildProcess::Options process = {
      .argv = {nginx, "-e", "stderr", "-p", options_.folder, "-c", settings},
      .pipes = false,
      .output_path = LogPath()};
  ASSIGN_OR_RETURN(nginx_, bed_.StartOn(kBalancerHost, process));
  return AwaitWebServer(WebAddress(bed_, kBalancerHost), nginx_.get(), LogPath());
}

absl::Status NginxCluster::Start() {
  // Before the nodes, so that it costs no time where it is not installed.
  RETURN_IF_ERROR(FindProgram("nginx", "nginx-light").status());
  RETURN_IF_ERROR(nodes_.Start());
  return StartNginx();
}

std::string NginxCluster::FrontAddress(size_t /*node*/) const {
  return WebAddress(bed_, kBalancerHost);
}

absl::Status NginxCluster::Stop() {
  RETURN_IF_ERROR(StopProcess(nginx_.get(), LogPath()));
  return nodes_.Stop();
}

}  // namespace sessionhub::bench
