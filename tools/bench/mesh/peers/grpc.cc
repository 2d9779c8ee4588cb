// gRPC's asynchronous API: one channel, one completion queue and one thread on each side, like our
// loop. Other settings were not tried.
#include <grpcpp/grpcpp.h>
#include <grpcpp/security/credentials.h>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>
#include "bench.h"
#include "echo.grpc.pb.h"

namespace {

bool is_secure(const char *url) { return !strncmp(url, "tls+tcp://", 10); }

std::string target(const char *url) {
    if (is_secure(url)) return url + 10;
    return strncmp(url, "ipc://", 6) ? url + 6 : std::string("unix:") + (url + 6);
}

std::string text(const char *name) {
    std::ifstream file(std::string(getenv("ATELIER_BENCH_TRUST")) + "/" + name);
    std::stringstream all;
    all << file.rdbuf();
    return all.str();
}

// Both ends show a certificate, like ours.
std::shared_ptr<grpc::ServerCredentials> server_trust(const char *url) {
    if (!is_secure(url)) return grpc::InsecureServerCredentials();
    grpc::SslServerCredentialsOptions options(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.pem_root_certs = text("authority.pem");
    options.pem_key_cert_pairs.push_back({text("localhost.key"), text("localhost.pem")});
    return grpc::SslServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> client_trust(const char *url) {
    if (!is_secure(url)) return grpc::InsecureChannelCredentials();
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = text("authority.pem");
    options.pem_private_key = text("localhost.key");
    options.pem_cert_chain = text("localhost.pem");
    return grpc::SslCredentials(options);
}

struct Hand {
    grpc::ServerContext context;
    bench::Bytes request;
    grpc::ServerAsyncResponseWriter<bench::Bytes> writer{&context};
    bool answered = false;
};

int serve(const char *url) {
    bench::Echo::AsyncService service;
    grpc::ServerBuilder builder;
    builder.AddListeningPort(target(url), server_trust(url));
    builder.SetMaxReceiveMessageSize(64 << 20);
    builder.RegisterService(&service);
    auto queue = builder.AddCompletionQueue();
    auto server = builder.BuildAndStart();
    if (!server) bench_die("listen");
    auto wait = [&] {
        auto *hand = new Hand;
        service.RequestEcho(&hand->context, &hand->request, &hand->writer, queue.get(),
                            queue.get(), hand);
    };
    for (int i = 0; i < 1000; i++) wait();
    bench_ready();
    void *tag;
    bool ok;
    while (queue->Next(&tag, &ok)) {
        auto *hand = static_cast<Hand *>(tag);
        if (!ok || hand->answered) {
            delete hand;
            continue;
        }
        wait();
        hand->answered = true;
        bench::Bytes reply;
        reply.set_body(hand->request.body());
        hand->writer.Finish(reply, grpc::Status::OK, hand);
    }
    return 0;
}

struct Lane {
    std::unique_ptr<grpc::ClientContext> context;
    std::unique_ptr<grpc::ClientAsyncResponseReader<bench::Bytes>> reader;
    bench::Bytes request, reply;
    grpc::Status status;
    uint64_t sent = 0;
};

int call(const char *url, size_t size, size_t lanes, double seconds) {
    grpc::ChannelArguments settings;
    settings.SetMaxReceiveMessageSize(64 << 20);
    auto channel =
        grpc::CreateCustomChannel(target(url), client_trust(url), settings);
    auto stub = bench::Echo::NewStub(channel);
    grpc::CompletionQueue queue;
    std::vector<Lane> all(lanes);
    bench_start(seconds);
    auto ask = [&](Lane &lane) {
        lane.context = std::make_unique<grpc::ClientContext>();
        lane.context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
        lane.request.set_body(std::string(size, 'x'));
        lane.sent = bench_now();
        lane.reader = stub->AsyncEcho(lane.context.get(), lane.request, &queue);
        lane.reader->Finish(&lane.reply, &lane.status, &lane);
    };
    for (auto &lane : all) ask(lane);
    size_t count = 0, left = lanes;
    bool measuring = false, ok;
    void *tag;
    while (left > 0 && queue.Next(&tag, &ok)) {
        auto &lane = *static_cast<Lane *>(tag);
        if (!ok || !lane.status.ok() || lane.reply.body().size() != size) bench_die("a call");
        uint64_t now = bench_now();
        if (now >= bench_until) {
            left--;
            continue;
        }
        if (measuring) {
            if (count < bench_most) bench_took[count++] = (uint32_t)(now - lane.sent);
        } else if (now >= bench_from) {
            measuring = true;
            bench_begin();
        }
        ask(lane);
    }
    bench_report(count, bench_until);
    return 0;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc > 5 && !strcmp(argv[1], "call")) {
        return call(argv[2], (size_t)atol(argv[3]), (size_t)atol(argv[4]), atof(argv[5]));
    }
    if (argc > 2 && !strcmp(argv[1], "serve")) return serve(argv[2]);
    bench_die("usage: grpc serve|call url size in-flight [seconds]");
}
