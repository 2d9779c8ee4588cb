// nng's own req/rep with contexts and asynchronous operations.
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/util/platform.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>
#include "bench.h"

typedef struct {
    nng_ctx context;
    nng_aio *aio;
    int sending;
    uint64_t sent;
} lane;

static size_t size;
static atomic_size_t count, left;
static atomic_int measuring;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void must(int failure, const char *what) {
    if (failure) fprintf(stderr, "%s: %s\n", what, nng_strerror(failure)), exit(1);
}

static void serve(void *raw) {
    lane *me = raw;
    if (nng_aio_result(me->aio)) return;
    me->sending = !me->sending;
    if (me->sending) {
        nng_ctx_send(me->context, me->aio);  // the request's message goes back as it is
    } else {
        nng_ctx_recv(me->context, me->aio);
    }
}

static void ask(lane *me) {
    nng_msg *message;
    must(nng_msg_alloc(&message, size), "message");
    memset(nng_msg_body(message), 1, size);
    nng_aio_set_msg(me->aio, message);
    nng_aio_set_timeout(me->aio, 10000);
    me->sending = 1;
    me->sent = bench_now();
    nng_ctx_send(me->context, me->aio);
}

static void call(void *raw) {
    lane *me = raw;
    must(nng_aio_result(me->aio), "call");
    if (me->sending) {
        me->sending = 0;
        nng_ctx_recv(me->context, me->aio);
        return;
    }
    nng_msg_free(nng_aio_get_msg(me->aio));
    uint64_t now = bench_now();
    if (now >= bench_until) {
        atomic_fetch_sub(&left, 1);
        return;
    }
    if (atomic_load(&measuring)) {
        size_t at = atomic_fetch_add(&count, 1);
        if (at < bench_most) bench_took[at] = (uint32_t)(now - me->sent);
    } else if (now >= bench_from) {
        pthread_mutex_lock(&lock);
        if (!atomic_load(&measuring)) bench_begin(), atomic_store(&measuring, 1);
        pthread_mutex_unlock(&lock);
    }
    ask(me);
}

int main(int argc, char **argv) {
    if (argc < 5) bench_die("usage: nng serve|call url size in-flight [seconds]");
    int serving = !strcmp(argv[1], "serve");
    size_t lanes = (size_t)atol(argv[4]);
    size = (size_t)atol(argv[3]);
    nng_socket socket;
    must(serving ? nng_rep0_open(&socket) : nng_req0_open(&socket), "open");
    must(nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, 64 << 20), "limit");
    if (serving) {
        must(nng_listen(socket, argv[2], NULL, 0), "listen");
    } else {
        must(nng_socket_set_ms(socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE), "resend");
        must(nng_dial(socket, argv[2], NULL, 0), "dial");
        bench_start(atof(argv[5]));
        atomic_store(&left, lanes);
    }
    lane *all = calloc(lanes, sizeof(lane));
    for (size_t i = 0; i < lanes; i++) {
        must(nng_ctx_open(&all[i].context, socket), "context");
        must(nng_aio_alloc(&all[i].aio, serving ? serve : call, &all[i]), "aio");
    }
    for (size_t i = 0; i < lanes; i++) {
        if (serving) nng_ctx_recv(all[i].context, all[i].aio);
        else ask(&all[i]);
    }
    if (serving) {
        bench_ready();
        pause();
    }
    while (atomic_load(&left) > 0) nng_msleep(1);
    bench_report(atomic_load(&count), bench_until);
    _exit(0);
}
