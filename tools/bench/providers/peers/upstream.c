// An OpenAI chat server that answers at once: whole, or as a stream if the body says so.
// Its port goes to standard output.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 256 << 10, MOST = 4096, PIECES = 16 };

struct peer {
    size_t have;
    char bytes[ROOM];
};

static struct peer *peers[MOST];
static char whole[2048], stream[16384];

static size_t chunk(char *to, const char *data) {
    return (size_t)sprintf(to, "%zx\r\n%s\r\n", strlen(data), data);
}

static void prepare(void) {
    const char *body =
        "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1790000000,"
        "\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
        "\"content\":\"Hello there, this is an answer of some words.\"},\"logprobs\":null,"
        "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":10,"
        "\"total_tokens\":22}}";
    sprintf(whole,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
            strlen(body), body);
    char *to = stream, data[1024];
    const char *head =
        "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,"
        "\"model\":\"m\",\"choices\":";
    to += sprintf(to, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n");
    sprintf(data, "data: %s[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
                  "\"finish_reason\":null}]}\n\n", head);
    to += chunk(to, data);
    for (int piece = 0; piece < PIECES; piece++) {
        sprintf(data, "data: %s[{\"index\":0,\"delta\":{\"content\":\" word\"},"
                      "\"finish_reason\":null}]}\n\n", head);
        to += chunk(to, data);
    }
    sprintf(data, "data: %s[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n", head);
    to += chunk(to, data);
    sprintf(data, "data: %s[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":16,"
                  "\"total_tokens\":28}}\n\ndata: [DONE]\n\n", head);
    to += chunk(to, data);
    sprintf(to, "0\r\n\r\n");
}

// The length of the first request in the buffer; 0 while it is not whole.
static size_t request(struct peer *peer, int *streams) {
    char *end = memmem(peer->bytes, peer->have, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t head = (size_t)(end - peer->bytes) + 4, length = 0;
    *end = 0;
    char *field = strcasestr(peer->bytes, "\r\ncontent-length:");
    if (field) length = strtoul(field + 17, NULL, 10);
    *end = '\r';
    if (peer->have < head + length) return 0;
    char *body = peer->bytes + head;
    *streams = memmem(body, length, "\"stream\":true", 13) ||
               memmem(body, length, "\"stream\": true", 14);
    return head + length;
}

static int answer(int socket, struct peer *peer) {
    int streams;
    size_t length;
    while ((length = request(peer, &streams)) > 0) {
        const char *bytes = streams ? stream : whole;
        size_t left = strlen(bytes);
        while (left > 0) {
            ssize_t count = send(socket, bytes, left, MSG_NOSIGNAL);
            if (count < 0 && errno == EAGAIN) continue;
            if (count <= 0) return 0;
            bytes += count, left -= (size_t)count;
        }
        memmove(peer->bytes, peer->bytes + length, peer->have - length);
        peer->have -= length;
    }
    return peer->have < ROOM;
}

int main(void) {
    prepare();
    signal(SIGPIPE, SIG_IGN);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poller = epoll_create1(0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (void *)&address, size) || listen(listener, 1024) ||
        getsockname(listener, (void *)&address, &size))
        return perror("upstream"), 1;
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[256];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(poller, events, 256, -1);
        for (int at = 0; at < count; at++) {
            int socket = events[at].data.fd, one = 1;
            if (socket == listener) {
                int peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                if (peer < 0 || peer >= MOST) {
                    if (peer >= 0) close(peer);
                    continue;
                }
                setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                if (!peers[peer]) peers[peer] = malloc(sizeof(struct peer));
                peers[peer]->have = 0;
                event.data.fd = peer;
                epoll_ctl(poller, EPOLL_CTL_ADD, peer, &event);
                continue;
            }
            struct peer *peer = peers[socket];
            ssize_t got = recv(socket, peer->bytes + peer->have, ROOM - peer->have, 0);
            if (got < 0 && errno == EAGAIN) continue;
            if (got > 0) peer->have += (size_t)got;
            if (got <= 0 || !answer(socket, peer)) close(socket);
        }
    }
}
