// SPDX-License-Identifier: GPL-3.0-or-later
// Paths in the user's cache: see cache.h.
#include "layout/cache.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/store_hash.h"

#define HASH_MOST (UINT64_C(256) << 20)

static bool is_build_id(const char *id)
{
    size_t length = id ? strlen(id) : 0;
    return length >= 8 && length <= 128 && strspn(id, "0123456789abcdefABCDEF") == length;
}

// Without the last slash.
char *cache_folder(const char *kind)
{
    char *path = NULL;
    const char *xdg = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    int n = -1;
    if (xdg && xdg[0] == '/')
        n = asprintf(&path, "%s/ouro/%s", xdg, kind);
    else if (home && home[0] == '/')
        n = asprintf(&path, "%s/.cache/ouro/%s", home, kind);
    return n >= 0 ? path : NULL;
}

char *cache_path(const char *folder, const char *kind, const char *build_id, const char *suffix)
{
    if (!is_build_id(build_id) || (folder && !folder[0]))
        return NULL;
    char *usual = folder ? NULL : cache_folder(kind);
    char *path = NULL;
    if ((folder || usual)
        && asprintf(&path, "%s/%s.%s", folder ? folder : usual, build_id, suffix) < 0)
        path = NULL;
    free(usual);
    return path;
}

void cache_make_folders(const char *path)
{
    char *copy = strdup(path);
    for (char *slash = copy ? strchr(copy + 1, '/') : NULL; slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0700);
        *slash = '/';
    }
    free(copy);
}

// ---- Where from

static bool cache_is_ours(const struct stat *st)
{
    return (st->st_uid == 0 || st->st_uid == geteuid()) && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

static bool cache_is_folder(const char *path, const struct cache_folder *folder)
{
    struct stat st;
    return !folder
           || (!stat(path, &st) && (uint64_t)st.st_dev == folder->device
               && (uint64_t)st.st_ino == folder->inode);
}

// Whether only root and the caller can have put the file there. Below another's root (a
// container's) neither names nor user numbers mean what they mean here.
static bool cache_is_trusted(const char *path, const struct regular *which,
                             const struct cache_folder *folder)
{
    struct stat here;
    char *real = strncmp(path, "/proc/", 6) ? realpath(path, NULL) : NULL;
    bool ours = real && !stat(real, &here) && (uint64_t)here.st_dev == which->device
                && (uint64_t)here.st_ino == which->inode && cache_is_ours(&here);
    for (char *slash; ours && (slash = strrchr(real, '/'));) {
        slash[slash == real] = '\0';
        ours = !stat(real, &here) && cache_is_ours(&here) && cache_is_folder(real, folder);
        folder = NULL; // only the innermost one is compared
        if (slash == real)
            break;
    }
    free(real);
    return ours;
}

// A hash of the contents, up to HASH_MOST bytes: not every file system has a change time that
// nobody can set.
static uint64_t cache_hash(int fd, uint64_t size)
{
    uint64_t hash[4], sum = size;
    uint8_t bytes[64 * 1024];
    store_hash_begin(hash);
    for (uint64_t done = 0; done < HASH_MOST;) {
        ssize_t got = pread(fd, bytes, sizeof bytes, (off_t)done);
        if (got <= 0)
            break;
        size_t whole = ((size_t)got + STORE_STRIDE - 1) / STORE_STRIDE * STORE_STRIDE;
        memset(bytes + got, 0, whole - (size_t)got);
        store_hash_add(hash, bytes, whole);
        done += (uint64_t)got;
    }
    for (int i = 0; i < 4; i++)
        sum = store_hash_mix(sum, hash[i]);
    return sum;
}

// The file as it was opened, or as it is now. *hash may be null.
static bool cache_look(const struct regular_file *file, struct regular *which, uint64_t *hash)
{
    int fd = file->which ? regular_open_again(file->path, file->which)
                         : regular_open(file->path, which, NULL);
    if (fd < 0)
        return false;
    if (file->which)
        *which = *file->which;
    if (hash)
        *hash = cache_hash(fd, which->size);
    close(fd);
    return true;
}

bool cache_made_of(const struct regular_file *file, const struct cache_folder *folder, char *text,
                   size_t size)
{
    struct regular which;
    uint64_t hash;
    if (!cache_look(file, &which, &hash))
        return false;
    snprintf(text, size, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRId64 ".%09ld %016" PRIx64 " %s",
             which.device, which.inode, which.size, (int64_t)which.changed.tv_sec,
             which.changed.tv_nsec, hash,
             cache_is_trusted(file->path, &which, folder) ? "own" : "foreign");
    return true;
}

bool cache_believes(const char *made_of, const struct regular_file *file)
{
    char now[CACHE_MADE_OF];
    size_t size = strlen(made_of);
    if (file && cache_made_of(file, NULL, now, sizeof now))
        return !strcmp(made_of, now);
    return size > 4 && !strcmp(made_of + size - 4, " own");
}

bool cache_may_speak(const struct regular_file *first, const struct regular_file *other)
{
    struct regular a, b;
    if (!cache_look(first, &a, NULL) || !cache_look(other, &b, NULL))
        return false;
    if (cache_is_trusted(first->path, &a, NULL))
        return cache_is_trusted(other->path, &b, NULL);
    return a.device == b.device && a.owner == b.owner && !(b.mode & S_IWOTH);
}

bool cache_is_own(const char *path)
{
    struct stat st;
    return !lstat(path, &st) && S_ISREG(st.st_mode) && st.st_uid == geteuid();
}
