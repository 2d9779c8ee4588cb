/* A program as others write it: C, libnng, and the mesh's envelope made by hand (CBOR, RFC 8949).
 *
 *   peer ask <url>            calls ping and echo of the lab; 0 when the answers are what they must be
 *   peer answer <url> <n>     answers n requests: a ping with nothing, all else with its own body
 */
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void must(int failure, const char *doing) {
    if (failure == 0) return;
    fprintf(stderr, "%s: %s\n", doing, nng_strerror(failure));
    _exit(1);
}

static void fail(const char *why) {
    fprintf(stderr, "%s\n", why);
    _exit(1);
}

/* One request and its reply; answers with the reply's length. */
static size_t ask(nng_socket socket, const void *request, size_t size, unsigned char *reply) {
    void *bytes;
    size_t count;
    must(nng_send(socket, (void *)request, size, 0), "send");
    must(nng_recv(socket, &bytes, &count, NNG_FLAG_ALLOC), "receive");
    if (count > 4096) fail("a long reply");
    memcpy(reply, bytes, count);
    nng_free(bytes, count);
    return count;
}

static int asks(const char *url) {
    /* {1: "ping", 2: "c", 3: "call", 5: 5000, 6: h''} */
    static const unsigned char ping[] = "\xA5\x01\x64ping\x02\x61" "c\x03\x64" "call\x05\x19\x13\x88\x06\x40";
    /* The same with "echo" and the body {"text": "from C"}. */
    static const unsigned char echo[] =
        "\xA5\x01\x64" "echo\x02\x61" "c\x03\x64" "call\x05\x19\x13\x88\x06\x4D\xA1\x64text\x66" "from C";
    static const unsigned char body[] = "\xA1\x64text\x66" "from C";
    unsigned char reply[4096];
    nng_socket socket;
    must(nng_req0_open(&socket), "open");
    must(nng_socket_set_ms(socket, NNG_OPT_RECVTIMEO, 20000), "set a deadline");
    must(nng_dial(socket, url, NULL, 0), "dial");
    size_t count = ask(socket, ping, sizeof ping - 1, reply);
    if (count < 3 || reply[0] != 0xA1 || reply[1] != 1) fail("the reply to ping is another");
    for (int round = 0; round < 200; round++) {
        count = ask(socket, echo, sizeof echo - 1, reply);
        /* {1: h'...'}: thirteen bytes, the body's own. */
        if (count != 3 + sizeof body - 1 || reply[0] != 0xA1 || reply[1] != 1 || reply[2] != 0x4D
            || memcmp(reply + 3, body, sizeof body - 1) != 0)
            fail("the reply to echo is another");
    }
    return 0;
}

/* Passes over the head of a CBOR item; answers with its number. */
static size_t head(const unsigned char *bytes, size_t *at) {
    unsigned char info = bytes[(*at)++] & 31;
    if (info < 24) return info;
    size_t value = 0;
    for (int left = 1 << (info - 24); left > 0; left--) value = value << 8 | bytes[(*at)++];
    return value;
}

/* Where the item under key 6, the body, begins. */
static size_t find_body(const unsigned char *bytes, size_t count) {
    size_t at = 0, pairs = head(bytes, &at);
    while (pairs-- > 0 && at < count) {
        if (head(bytes, &at) == 6) return at;
        int major = bytes[at] >> 5;
        size_t value = head(bytes, &at);
        if (major == 2 || major == 3) at += value;
    }
    fail("a request without a body");
    return 0;
}

static int answers(const char *url, int left) {
    nng_socket socket;
    must(nng_rep0_open(&socket), "open");
    must(nng_socket_set_ms(socket, NNG_OPT_RECVTIMEO, 20000), "set a deadline");
    must(nng_listen(socket, url, NULL, 0), "listen");
    for (; left > 0; left--) {
        unsigned char reply[4096] = {0xA1, 1, 0x41, 0xA0};
        unsigned char *bytes;
        size_t count, size = 4;
        must(nng_recv(socket, &bytes, &count, NNG_FLAG_ALLOC), "receive");
        size_t body = find_body(bytes, count);
        if (count - body > 1 && count - body < 4000) {
            memcpy(reply + 2, bytes + body, count - body);
            size = 2 + count - body;
        }
        nng_free(bytes, count);
        must(nng_send(socket, reply, size, 0), "send");
    }
    usleep(200000); /* libnng sends on its own time */
    return 0;
}

int main(int count, char **words) {
    int code = 2;
    if (count == 3 && strcmp(words[1], "ask") == 0) code = asks(words[2]);
    if (count == 4 && strcmp(words[1], "answer") == 0) code = answers(words[2], atoi(words[3]));
    _exit(code); /* closing may hang (nanomsg/nng issue 1543) */
}
