// Ping-pong on a bare stream socket: the limit of what any protocol can do with one call in flight.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "bench.h"

static int open_socket(const char *url, int listening) {
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in remote = {.sin_family = AF_INET};
    struct sockaddr *name;
    socklen_t length;
    if (!strncmp(url, "ipc://", 6)) {
        strncpy(local.sun_path, url + 6, sizeof local.sun_path - 1);
        name = (struct sockaddr *)&local, length = sizeof local;
    } else {
        remote.sin_port = htons((uint16_t)atoi(strrchr(url, ':') + 1));
        remote.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        name = (struct sockaddr *)&remote, length = sizeof remote;
    }
    int fd = socket(name->sa_family, SOCK_STREAM, 0);
    if (listening) {
        if (bind(fd, name, length) || listen(fd, 8)) bench_die("listen");
        return fd;
    }
    if (connect(fd, name, length)) bench_die("connect");
    return fd;
}

static void nodelay(int fd) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static int take(int fd, char *buffer, size_t size) {
    for (size_t at = 0; at < size;) {
        ssize_t count = read(fd, buffer + at, size - at);
        if (count <= 0) return 0;
        at += (size_t)count;
    }
    return 1;
}

static int give(int fd, const char *buffer, size_t size) {
    for (size_t at = 0; at < size;) {
        ssize_t count = write(fd, buffer + at, size - at);
        if (count <= 0) return 0;
        at += (size_t)count;
    }
    return 1;
}

int main(int argc, char **argv) {
    if (argc < 4) bench_die("usage: raw serve|call url size [in flight] [seconds]");
    size_t size = (size_t)atol(argv[3]);
    char *buffer = calloc(1, size);
    if (!strcmp(argv[1], "serve")) {
        int listener = open_socket(argv[2], 1);
        bench_ready();
        int fd = accept(listener, NULL, NULL);
        nodelay(fd);
        while (take(fd, buffer, size) && give(fd, buffer, size)) {}
        return 0;
    }
    int fd = open_socket(argv[2], 0), measuring = 0;
    nodelay(fd);
    bench_start(atof(argv[5]));
    size_t count = 0;
    uint64_t now = bench_now();
    while (now < bench_until) {
        if (!measuring && now >= bench_from) measuring = 1, bench_begin();
        uint64_t sent = now;
        if (!give(fd, buffer, size) || !take(fd, buffer, size)) bench_die("a call");
        now = bench_now();
        if (measuring && count < bench_most) bench_took[count++] = (uint32_t)(now - sent);
    }
    bench_report(count, now);
    return 0;
}
