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
#define SPARE_SHARE 50                   // the share of a disk that is left to others
#define DRAIN_MOST ((uint64_t)256 << 20) // bytes read beyond the core's own end

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

// How long the core says it is, once its program headers have arrived; before that, and if it is
// not a core, the upper limit.
static uint64_t core_end(int fd, uint64_t unpacked)
{
    Elf64_Ehdr head;
    if (unpacked < sizeof head || pread(fd, &head, sizeof head, 0) != sizeof head)
        return UNPACKED_MAX;
    if (memcmp(head.e_ident, ELFMAG, SELFMAG) || head.e_ident[EI_CLASS] != ELFCLASS64)
        return sizeof head; // enough to tell that it is not a core
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
        // Consecutive blocks of one kind go out in one call.
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

// Whether there is room for that many bytes more, and some to spare. A core has holes: what it will
// need is known only at the end, so this is checked again on the way.
static bool has_room(int fd, uint64_t bytes, const char *path, struct err *err)
{
    struct statvfs disk;
    if (fstatvfs(fd, &disk))
        return true;
    uint64_t free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    uint64_t spare = (uint64_t)disk.f_blocks * disk.f_frsize / SPARE_SHARE;
    return free_bytes > spare + bytes
           || err_set(err, ERR_IO,
                      "%s: no room to unpack it: %llu MiB are free where temporary files go; "
                      "TMPDIR names another folder",
                      path, (unsigned long long)(free_bytes >> 20));
}

// The checksum of gzip, which libarchive ignores: CRC-32, eight bytes at a time (M. E. Kounavis and
// F. L. Berry, 2005).
struct unpack_crc {
    uint32_t table[8][256];
    uint32_t value;
    uint64_t size;
};

static void unpack_crc_init(struct unpack_crc *crc)
{
    *crc = (struct unpack_crc){ .value = UINT32_MAX };
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++)
            value = value >> 1 ^ (value & 1 ? UINT32_C(0xedb88320) : 0);
        crc->table[0][i] = value;
    }
    for (int k = 1; k < 8; k++)
        for (uint32_t i = 0; i < 256; i++)
            crc->table[k][i] =
                crc->table[k - 1][i] >> 8 ^ crc->table[0][crc->table[k - 1][i] & 255];
}

static void unpack_crc_add(struct unpack_crc *crc, const uint8_t *bytes, size_t size)
{
    uint32_t value = crc->value;
    crc->size += size;
    for (; size >= 8; size -= 8, bytes += 8) {
        uint64_t word;
        memcpy(&word, bytes, sizeof word);
        word ^= value;
        value = 0;
        for (int k = 0; k < 8; k++)
            value ^= crc->table[7 - k][word >> (8 * k) & 255];
    }
    for (; size; size--, bytes++)
        value = value >> 8 ^ crc->table[0][(value ^ *bytes) & 255];
    crc->value = value;
}

// A gzip file ends with the checksum and the size of its last member. A file of several members,
// whose total size differs, is not judged.
static bool unpack_crc_fits(const struct unpack_crc *crc, int packed, uint64_t packed_size)
{
    uint32_t tail[2];
    return packed_size < 18
           || pread(packed, tail, sizeof tail, (off_t)(packed_size - 8)) != sizeof tail
           || tail[1] != (uint32_t)crc->size || tail[0] == ~crc->value;
}

struct unpacking {
    struct archive *in;
    int packed, fd;
    const char *path;
    uint64_t packed_size, size;
    const struct progress *progress;
    char *trouble;
    size_t trouble_size;
    struct unpack_crc *crc; // null: not gzip
};

// Reads from the core's end to the file's: only there does libarchive verify the checksums.
static void unpack_drain(struct unpacking *u)
{
    const void *block;
    size_t length;
    la_int64_t offset;
    int status = ARCHIVE_OK;
    for (uint64_t done = 0; done < DRAIN_MOST && (status == ARCHIVE_OK || status == ARCHIVE_WARN);
         done += length) {
        length = 0;
        status = archive_read_data_block(u->in, &block, &length, &offset);
        if (u->crc && status == ARCHIVE_OK)
            unpack_crc_add(u->crc, block, length);
    }
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN && status != ARCHIVE_EOF)
        snprintf(u->trouble, u->trouble_size, "%s",
                 archive_error_string(u->in) ? archive_error_string(u->in) : "broken data");
    else if (status == ARCHIVE_EOF && u->crc && !unpack_crc_fits(u->crc, u->packed, u->packed_size))
        snprintf(u->trouble, u->trouble_size, "its checksum does not match");
}

static bool copy_out(struct unpacking *u, struct err *err)
{
    struct archive *in = u->in;
    const char *path = u->path;
    uint64_t *size = &u->size;
    uint64_t end = UNPACKED_MAX, next_report = 0;
    *size = 0;
    if (!has_room(u->fd, u->packed_size, path, err))
        return false;
    while (*size < end) {
        const void *block;
        size_t length;
        la_int64_t offset;
        int status = archive_read_data_block(in, &block, &length, &offset);
        if (status == ARCHIVE_EOF)
            break;
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
            if (*size) { // cut off: what was unpacked is a truncated core
                snprintf(u->trouble, u->trouble_size, "%s",
                         archive_error_string(in) ? archive_error_string(in) : "broken data");
                return true;
            }
            return err_set(err, ERR_FORMAT, "%s: cannot be unpacked: %s", path,
                           archive_error_string(in) ? archive_error_string(in) : "broken data");
        }
        if (u->crc)
            unpack_crc_add(u->crc, block, length);
        if (!write_sparse(u->fd, block, length, *size))
            return err_set(err, ERR_IO, "%s: no room to unpack it: %s", path, strerror(errno));
        *size += length;
        if (end == UNPACKED_MAX)
            end = core_end(u->fd, *size);
        if (*size < next_report)
            continue;
        next_report = *size + REPORT_BYTES;
        if (!has_room(u->fd, REPORT_BYTES, path, err))
            return false;
        if (!progress_step(u->progress, "unpacking", (uint64_t)archive_filter_bytes(in, -1),
                           u->packed_size))
            return err_set(err, ERR_CANCELLED, "%s: unpacking was stopped", path);
    }
    unpack_drain(u);
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
            size_t *size, char *trouble, size_t trouble_size, struct err *err)
{
    struct stat st;
    uint8_t first = 0;
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
    struct unpacking u = {
        .in = in,
        .packed = packed,
        .fd = *fd,
        .path = path,
        .packed_size = packed_size,
        .progress = options ? options->progress : NULL,
        .trouble = trouble,
        .trouble_size = trouble_size,
    };
    if (pread(packed, &first, 1, 0) == 1 && first == 0x1f && (u.crc = malloc(sizeof *u.crc)))
        unpack_crc_init(u.crc);
    *trouble = 0;
    ok = ok && copy_out(&u, err);
    free(u.crc);
    uint64_t unpacked = u.size;
    if (ok && !unpacked)
        ok = err_set(err, ERR_FORMAT, "%s: it is empty", path);
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
