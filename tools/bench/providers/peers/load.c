// Asks an HTTP server the same again and again, over so many connections, and tells how it went:
// usage: load PORT CONNECTIONS SECONDS REQUESTS WHOLE|STREAM MODEL KEY
// With REQUESTS above 0 it ends after so many. Times are of whole answers, and of the first data.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 128 << 10, MOST = 1024, SAMPLES = 4 << 20 };

struct peer {
    int socket;
    size_t have;
    uint64_t begun, first;
    char bytes[ROOM];
};

static char question[4096];
static size_t length;
static float *whole, *first;
static size_t done, failed;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void ask(struct peer *peer) {
    peer->have = 0, peer->first = 0, peer->begun = now();
    if (send(peer->socket, question, length, MSG_NOSIGNAL) != (ssize_t)length) {
        perror("load");
        exit(1);
    }
}

// True when the answer is whole.
static int judge(struct peer *peer) {
    peer->bytes[peer->have] = 0;
    char *end = strstr(peer->bytes, "\r\n\r\n");
    if (!end) return 0;
    size_t head = (size_t)(end - peer->bytes) + 4;
    if (!peer->first && peer->have > head) peer->first = now();
    *end = 0;
    char *field = strcasestr(peer->bytes, "\r\ncontent-length:");
    size_t size = field ? strtoul(field + 17, NULL, 10) : 0;
    *end = '\r';
    if (field) return peer->have >= head + size;
    return peer->have >= head + 5 && !memcmp(peer->bytes + peer->have - 5, "0\r\n\r\n", 5);
}

static int rising(const void *one, const void *other) {
    float a = *(const float *)one, b = *(const float *)other;
    return (a > b) - (a < b);
}

static double at(float *samples, double part) {
    size_t count = done < SAMPLES ? done : SAMPLES;
    return count ? samples[(size_t)((double)(count - 1) * part)] : 0;
}

int main(int count, char **words) {
    if (count != 8) return fprintf(stderr, "load: seven words\n"), 64;
    int connections = atoi(words[2]), streams = !strcmp(words[5], "STREAM");
    double seconds = atof(words[3]);
    size_t most = strtoul(words[4], NULL, 10);
    char body[2048];
    sprintf(body,
            "{\"model\":\"%s\",\"stream\":%s,\"messages\":[{\"role\":\"system\",\"content\":"
            "\"You are of help.\"},{\"role\":\"user\",\"content\":\"Say hello in some words.\"}]}",
            words[6], streams ? "true" : "false");
    length = (size_t)sprintf(question,
            "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
            "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
            words[7], strlen(body), body);
    whole = malloc(SAMPLES * sizeof(float)), first = malloc(SAMPLES * sizeof(float));
    int poller = epoll_create1(0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons((uint16_t)atoi(words[1]))};
    static struct peer *peers[MOST];
    for (int each = 0; each < connections && each < MOST; each++) {
        struct peer *peer = peers[each] = calloc(1, sizeof *peer);
        int one = 1;
        peer->socket = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(peer->socket, (void *)&address, sizeof address)) return perror("load"), 1;
        setsockopt(peer->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
        epoll_ctl(poller, EPOLL_CTL_ADD, peer->socket, &event);
    }
    uint64_t begun = now(), until = begun + (uint64_t)(seconds * 1e9);
    for (int each = 0; each < connections; each++) ask(peers[each]);
    int open = connections;
    while (open > 0) {
        struct epoll_event events[256];
        int ready = epoll_wait(poller, events, 256, 30000);
        if (ready <= 0) return fprintf(stderr, "load: no answer for 30 s\n"), 1;
        for (int each = 0; each < ready; each++) {
            struct peer *peer = events[each].data.ptr;
            ssize_t got = recv(peer->socket, peer->bytes + peer->have, ROOM - 1 - peer->have, 0);
            if (got <= 0) return fprintf(stderr, "load: a connection was closed\n"), 1;
            peer->have += (size_t)got;
            if (!judge(peer)) continue;
            uint64_t ended = now();
            if (memcmp(peer->bytes, "HTTP/1.1 200", 12)) {
                if (!failed++) fprintf(stderr, "load: %.300s\n", peer->bytes);
            }
            size_t place = done++ % SAMPLES;
            whole[place] = (float)(ended - peer->begun) / 1e3f;
            first[place] = (float)(peer->first - peer->begun) / 1e3f;
            if (most ? done + (size_t)open > most : ended >= until) open--;
            else ask(peer);
        }
    }
    double took = (double)(now() - begun) / 1e9;
    size_t kept = done < SAMPLES ? done : SAMPLES;
    qsort(whole, kept, sizeof(float), rising);
    qsort(first, kept, sizeof(float), rising);
    printf("{\"requests\":%zu,\"failed\":%zu,\"seconds\":%.6f,\"p50\":%.2f,\"p99\":%.2f,"
           "\"first50\":%.2f,\"first99\":%.2f}\n",
           done, failed, took, at(whole, .5), at(whole, .99), at(first, .5), at(first, .99));
    return 0;
}
