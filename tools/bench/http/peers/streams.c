// Watches so many streams of server-sent events at once, and tells how long events were under way:
// usage: streams PORT STREAMS RUNS SECONDS TOKEN
// Says "open" when all have their head. An event's data has "sent_ns", a time of the wall clock.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 65536, SAMPLES = 1 << 22, KEEP = 64 };

struct stream {
    int socket, isOpen;
    size_t kept;
    char rest[KEEP];
};

static float *delays;
static size_t events, opened, refused;

static uint64_t now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int rising(const void *one, const void *other) {
    float a = *(const float *)one, b = *(const float *)other;
    return (a > b) - (a < b);
}

static double at(double part) {
    size_t count = events < SAMPLES ? events : SAMPLES;
    return count ? delays[(size_t)((double)(count - 1) * part)] : 0;
}

// Finds the times in what came; a word that is cut is kept for the next piece.
static void take(struct stream *stream, char *bytes, size_t count) {
    static const char mark[] = "\"sent_ns\":";
    uint64_t came = now(CLOCK_REALTIME);
    char *place = bytes, *end = bytes + count;
    while ((place = memmem(place, (size_t)(end - place), mark, sizeof mark - 1))) {
        char *digits = place + sizeof mark - 1, *after = digits;
        uint64_t sent = 0;
        while (after < end && *after >= '0' && *after <= '9') sent = sent * 10 + (uint64_t)(*after++ - '0');
        if (after == end) break;
        delays[events++ % SAMPLES] = (float)((double)came - (double)sent) / 1e6f;
        place = after;
    }
    char *from = place ? place : end > bytes + sizeof mark ? end - sizeof mark : bytes;
    stream->kept = (size_t)(end - from) < KEEP ? (size_t)(end - from) : 0;
    memmove(stream->rest, from, stream->kept);
}

int main(int count, char **words) {
    if (count != 6) return fprintf(stderr, "streams: five words\n"), 64;
    int many = atoi(words[2]), runs = atoi(words[3]);
    double seconds = atof(words[4]);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    delays = malloc(SAMPLES * sizeof(float));
    static struct stream streams[MOST];
    static char buffer[KEEP + 65536 + 1];
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons((uint16_t)atoi(words[1]))};
    int poller = epoll_create1(0), begun = 0;
    uint64_t from = 0, until = 0, patience = now(CLOCK_MONOTONIC) + 120000000000u;
    while (!until || now(CLOCK_MONOTONIC) < until) {
        // A few at a time, as clients come.
        for (int each = 0; each < 64 && begun < many && begun < MOST; each++, begun++) {
            struct stream *stream = &streams[begun];
            stream->socket = socket(AF_INET, SOCK_STREAM, 0);
            if (connect(stream->socket, (void *)&address, sizeof address)) return perror("streams"), 1;
            char ask[2048];
            int size = snprintf(ask, sizeof ask,
                "GET /api/v1/runs/run-%d/stream HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
                "Last-Event-ID: 999999999\r\n\r\n",
                begun % runs, words[5]);
            if (send(stream->socket, ask, (size_t)size, MSG_NOSIGNAL) != size) return perror("streams"), 1;
            struct epoll_event event = {.events = EPOLLIN, .data.ptr = stream};
            epoll_ctl(poller, EPOLL_CTL_ADD, stream->socket, &event);
        }
        struct epoll_event ready[256];
        int found = epoll_wait(poller, ready, 256, begun < many ? 1 : 100);
        for (int each = 0; each < found; each++) {
            struct stream *stream = ready[each].data.ptr;
            memcpy(buffer, stream->rest, stream->kept);
            ssize_t got = recv(stream->socket, buffer + stream->kept, 65536, 0);
            if (got <= 0) return fprintf(stderr, "streams: a stream was closed\n"), 1;
            size_t have = stream->kept + (size_t)got;
            if (!stream->isOpen) {
                stream->isOpen = 1, opened++;
                if (memcmp(buffer, "HTTP/1.1 200", 12)) {
                    buffer[have] = 0;
                    if (!refused++) fprintf(stderr, "streams: %.300s\n", buffer);
                }
            }
            if (until && now(CLOCK_MONOTONIC) > from) take(stream, buffer, have);
            else stream->kept = 0;
        }
        if (!until && (int)opened == many) {
            printf("open\n");
            fflush(stdout);
            // What was late because of the opening does not count.
            from = now(CLOCK_MONOTONIC) + 2000000000u;
            until = from + (uint64_t)(seconds * 1e9);
        }
        if (!until && now(CLOCK_MONOTONIC) > patience) return fprintf(stderr, "streams: %zu of %d opened\n", opened, many), 1;
    }
    size_t kept = events < SAMPLES ? events : SAMPLES;
    qsort(delays, kept, sizeof(float), rising);
    printf("{\"events\":%zu,\"refused\":%zu,\"p50\":%.3f,\"p99\":%.3f,\"most\":%.3f}\n",
           events, refused, at(.5), at(.99), at(1));
    return 0;
}
