// SPDX-License-Identifier: GPL-3.0-or-later
// What the fuzz targets share: see harness.h.
#include "harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define STAGES 8

static struct {
    const char *names[STAGES];
    unsigned long counts[STAGES];
    unsigned last;
    bool begun;
} reached;

bool fuzz_change(const uint8_t *data, size_t size, size_t i, struct fuzz_change *change)
{
    if (size / sizeof *change <= i)
        return false;
    memcpy(change, data + i * sizeof *change, sizeof *change);
    return true;
}

uint64_t fuzz_value(const struct fuzz_change *change)
{
    static const uint64_t edges[] = { 0,
                                      1,
                                      2,
                                      7,
                                      8,
                                      16,
                                      127,
                                      128,
                                      255,
                                      256,
                                      4095,
                                      4096,
                                      65535,
                                      65536,
                                      (1 << 20) + 1,
                                      1 << 28,
                                      (1u << 31) - 1,
                                      1u << 31,
                                      UINT32_MAX,
                                      UINT64_C(1) << 32,
                                      UINT64_C(1) << 40,
                                      UINT64_C(1) << 46,
                                      UINT64_C(1) << 47,
                                      UINT64_C(1) << 61,
                                      INT64_MAX,
                                      UINT64_C(1) << 63,
                                      UINT64_MAX - 7,
                                      UINT64_MAX };
    return change->width & 0x80 ? change->value
                                : edges[change->value % (sizeof edges / sizeof *edges)];
}

static void tell(void)
{
    fprintf(stderr, "fuzz: reached");
    for (unsigned i = 0; i <= reached.last; i++)
        fprintf(stderr, "%s %s %lu", i ? "," : "", reached.names[i] ? reached.names[i] : "?",
                reached.counts[i]);
    fprintf(stderr, "\n");
    fflush(NULL);
    if (!reached.counts[reached.last] && getenv("OURO_FUZZ_MUST_REACH"))
        _exit(3);
}

void fuzz_reach(unsigned stage, const char *name)
{
    if (!reached.begun) {
        reached.begun = true;
        atexit(tell);
    }
    reached.names[stage] = name;
    reached.counts[stage]++;
    reached.last = stage > reached.last ? stage : reached.last;
}

void fuzz_plant(bool here)
{
    static int planted = -1;
    if (planted < 0)
        planted = getenv("OURO_FUZZ_PLANT") != NULL;
    if (here && planted) {
        fprintf(stderr, "fuzz: the planted fault is found\n");
        abort();
    }
}

uint8_t *fuzz_template(const char *variable, size_t *size)
{
    const char *path = getenv(variable);
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    off_t end = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
    void *bytes =
        end > 0 ? mmap(NULL, (size_t)end, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    if (bytes == MAP_FAILED) {
        fprintf(stderr, "fuzz: %s names no file to begin with\n", variable);
        exit(2);
    }
    close(fd);
    *size = (size_t)end;
    return bytes;
}

int fuzz_file(const void *bytes, size_t size, char path[32])
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    const char *from = bytes;
    for (size_t done = 0; fd >= 0 && done < size;) {
        ssize_t put = write(fd, from + done, size - done);
        if (put <= 0)
            abort();
        done += (size_t)put;
    }
    if (fd < 0)
        abort();
    snprintf(path, 32, "/proc/self/fd/%d", fd);
    return fd;
}
