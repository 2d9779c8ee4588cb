// What every peer's client measures, and how it says so. C and C++.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { bench_most = 1 << 23 };
#define BENCH_WARM 300000000ull

static uint32_t *bench_took;
static uint64_t bench_from, bench_until, bench_cpu;

static inline uint64_t bench_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static inline uint64_t bench_used(void) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return ((uint64_t)r.ru_utime.tv_sec + (uint64_t)r.ru_stime.tv_sec) * 1000000000ull
         + ((uint64_t)r.ru_utime.tv_usec + (uint64_t)r.ru_stime.tv_usec) * 1000ull;
}

static inline void bench_die(const char *what) {
    fprintf(stderr, "%s failed\n", what);
    exit(1);
}

// Warms up first; `begin` on standard output is the moment at which the measuring starts.
static inline void bench_start(double seconds) {
    bench_took = (uint32_t *)malloc(sizeof(uint32_t) * bench_most);
    if (!bench_took) bench_die("malloc");
    bench_from = bench_now() + BENCH_WARM;
    bench_until = bench_from + (uint64_t)(seconds * 1e9);
}

static inline void bench_begin(void) {
    bench_cpu = bench_used();
    printf("begin\n");
    fflush(stdout);
}

static int bench_compare(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static inline void bench_report(size_t count, uint64_t end) {
    uint64_t cpu = bench_used() - bench_cpu;
    if (count == 0) bench_die("every call");
    if (count > bench_most) count = bench_most;
    printf("end\n");
    qsort(bench_took, count, sizeof(uint32_t), bench_compare);
    printf("{\"calls\":%zu,\"seconds\":%.6f,\"p50\":%u,\"p99\":%u,\"cpu\":%llu}\n", count,
           (double)(end - bench_from) / 1e9, bench_took[count / 2], bench_took[count * 99 / 100],
           (unsigned long long)cpu);
    fflush(stdout);
}

static inline void bench_ready(void) {
    printf("ready\n");
    fflush(stdout);
}
