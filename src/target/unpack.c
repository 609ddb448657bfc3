// SPDX-License-Identifier: GPL-3.0-or-later
// Unpacking through libarchive's filters: see unpack.h.
#include "target/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define UNPACKED_MAX ((uint64_t)1 << 44) // 16 TiB: more than any core, less than forever
#define HOLE ((size_t)4096)
#define REPORT_BYTES ((uint64_t)16 << 20)
#define SPARE_SHARE 50 // of a disk: so much of it is left to others

bool unpack_is_packed(int fd)
{
    static const struct {
        uint8_t size;
        uint8_t bytes[6];
    } magics[] = {
        { 2, { 0x1f, 0x8b } },                  // gzip
        { 6, { 0xfd, '7', 'z', 'X', 'Z', 0 } }, // xz
        { 4, { 0x28, 0xb5, 0x2f, 0xfd } },      // zstd
        { 4, { 0x04, 0x22, 0x4d, 0x18 } },      // lz4
    };
    uint8_t head[6];
    ssize_t got = pread(fd, head, sizeof head, 0);
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (got >= magics[i].size && !memcmp(head, magics[i].bytes, magics[i].size))
            return true;
    return false;
}

static int temporary(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    char *name = NULL;
    if (asprintf(&name, "%s/ouro-XXXXXX", folder) < 0)
        return -1;
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0)
        unlink(name);
    free(name);
    return fd;
}

// A core can be large: the user's cache, then $TMPDIR, then /var/tmp, which is a disk where /tmp
// may not be.
static int temporary_somewhere(const struct target_options *options)
{
    const char *folders[] = { options ? options->cache_folder : NULL, getenv("TMPDIR"), "/var/tmp",
                              "/tmp" };
    int fd = -1;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && fd < 0; i++)
        if (folders[i] && *folders[i])
            fd = temporary(folders[i]);
    return fd;
}

// How long the core says it is, once its program headers are there; before that, and for what is no
// core, as long as it may be.
static uint64_t core_end(int fd, uint64_t unpacked)
{
    Elf64_Ehdr head;
    if (unpacked < sizeof head || pread(fd, &head, sizeof head, 0) != sizeof head)
        return UNPACKED_MAX;
    if (memcmp(head.e_ident, ELFMAG, SELFMAG) || head.e_ident[EI_CLASS] != ELFCLASS64)
        return sizeof head; // enough to say what it is not
    uint64_t table = head.e_phoff + head.e_phnum * sizeof(Elf64_Phdr);
    if (head.e_phnum == PN_XNUM || table > unpacked || table < head.e_phoff)
        return UNPACKED_MAX;
    uint64_t end = table;
    for (size_t i = 0; i < head.e_phnum; i++) {
        Elf64_Phdr p;
        if (pread(fd, &p, sizeof p, (off_t)(head.e_phoff + i * sizeof p)) != sizeof p)
            return UNPACKED_MAX;
        uint64_t here = p.p_offset + p.p_filesz;
        if (here >= p.p_offset && here > end)
            end = here;
    }
    return end < UNPACKED_MAX ? end : UNPACKED_MAX;
}

static bool unpack_is_zero(const uint8_t *bytes, size_t size)
{
    return size && !bytes[0] && !memcmp(bytes, bytes + 1, size - 1);
}

static bool write_sparse(int fd, const uint8_t *bytes, size_t size, uint64_t at)
{
    while (size) {
        size_t part = HOLE - at % HOLE;
        if (part > size)
            part = size;
        // As many blocks of one kind as follow one another go out in one call.
        bool zero = unpack_is_zero(bytes, part);
        while (part < size) {
            size_t next = size - part < HOLE ? size - part : HOLE;
            if (unpack_is_zero(bytes + part, next) != zero)
                break;
            part += next;
        }
        for (size_t done = 0; !zero && done < part;) {
            ssize_t put = pwrite(fd, bytes + done, part - done, (off_t)(at + done));
            if (put < 0 && errno == EINTR)
                continue;
            if (put <= 0)
                return false;
            done += (size_t)put;
        }
        bytes += part;
        at += part;
        size -= part;
    }
    return true;
}

// Whether there is room for so many bytes more, and some to spare. A core has holes: what it will
// need is known only when it is there, so the question comes again on the way.
static bool has_room(int fd, uint64_t bytes, const char *path, struct err *err)
{
    struct statvfs disk;
    if (fstatvfs(fd, &disk))
        return true;
    uint64_t free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    uint64_t spare = (uint64_t)disk.f_blocks * disk.f_frsize / SPARE_SHARE;
    return free_bytes > spare + bytes
           || err_set(err, ERR_IO,
                      "%s: no room to unpack it: %llu MiB are free where temporary files go; TMPDIR "
                      "names another folder",
                      path, (unsigned long long)(free_bytes >> 20));
}

static bool copy_out(struct archive *in, int fd, const char *path, uint64_t packed_size,
                     const struct progress *progress, uint64_t *size, struct err *err)
{
    uint64_t end = UNPACKED_MAX, next_report = 0;
    *size = 0;
    if (!has_room(fd, packed_size, path, err))
        return false;
    while (*size < end) {
        const void *block;
        size_t length;
        la_int64_t offset;
        int status = archive_read_data_block(in, &block, &length, &offset);
        if (status == ARCHIVE_EOF)
            break;
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
            if (*size)
                break; // cut off: what there is is a truncated core
            return err_set(err, ERR_FORMAT, "%s: cannot be unpacked: %s", path,
                           archive_error_string(in) ? archive_error_string(in) : "broken data");
        }
        if (!write_sparse(fd, block, length, *size))
            return err_set(err, ERR_IO, "%s: no room to unpack it: %s", path, strerror(errno));
        *size += length;
        if (end == UNPACKED_MAX)
            end = core_end(fd, *size);
        if (*size < next_report)
            continue;
        next_report = *size + REPORT_BYTES;
        if (!has_room(fd, REPORT_BYTES, path, err))
            return false;
        if (!progress_step(progress, "unpacking", (uint64_t)archive_filter_bytes(in, -1),
                           packed_size))
            return err_set(err, ERR_CANCELLED, "%s: unpacking was stopped", path);
    }
    return true;
}

static bool open_archive(struct archive *in, int packed)
{
    archive_read_support_filter_gzip(in);
    archive_read_support_filter_xz(in);
    archive_read_support_filter_zstd(in);
    archive_read_support_filter_lz4(in);
    archive_read_support_format_raw(in);
    struct archive_entry *entry;
    return archive_read_open_fd(in, packed, (size_t)1 << 18) == ARCHIVE_OK
           && archive_read_next_header(in, &entry) == ARCHIVE_OK;
}

bool unpack(int packed, const char *path, const struct target_options *options, int *fd,
            size_t *size, struct err *err)
{
    struct stat st;
    uint64_t packed_size = fstat(packed, &st) ? 0 : (uint64_t)st.st_size;
    struct archive *in = archive_read_new();
    if (!in)
        return err_memory(err, path);
    *fd = temporary_somewhere(options);
    bool ok = *fd >= 0
              || err_set(err, ERR_IO, "%s: no folder to unpack it into: %s", path, strerror(errno));
    if (ok && !open_archive(in, packed))
        ok = err_set(err, ERR_FORMAT, "%s: cannot be unpacked: %s", path,
                     archive_error_string(in) ? archive_error_string(in) : "broken data");
    uint64_t unpacked = 0;
    ok =
        ok
        && copy_out(in, *fd, path, packed_size, options ? options->progress : NULL, &unpacked, err);
    if (ok && !unpacked)
        ok = err_set(err, ERR_FORMAT, "%s: nothing in it", path);
    if (ok && ftruncate(*fd, (off_t)unpacked))
        ok = err_errno(err, errno, path);
    archive_read_free(in);
    if (!ok && *fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    *size = (size_t)unpacked;
    return ok;
}
