// SPDX-License-Identifier: GPL-3.0-or-later
// library CORE DATA: libouro.so as a C program uses it, by ouro.h alone.
#include <ouro.h>
#include <stdio.h>
#include <string.h>

static int count_bytes(void *context, const char *bytes, size_t size)
{
    (void)bytes;
    *(size_t *)context += size;
    return 0;
}

int main(int argc, char **argv)
{
    char error[1024];
    const struct ouro_options options = { .data = argc > 2 ? argv[2] : NULL, .no_gdb = 0 };
    struct ouro *heap = ouro_open_core(argc > 1 ? argv[1] : "", &options, error, sizeof error);
    if (!heap) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    size_t size = 0;
    const struct ouro_output output = { .json = 1, .context = &size, .write = count_bytes };
    struct ouro_arrays arrays;
    uint64_t everyone, sessions = 0, total = 0;
    int ok = ouro_run(heap, "types", &output) == OURO_ANSWERED && size > 1000
             && ouro_object(heap, "shop.sessions.Session.everyone", &everyone) == OURO_ANSWERED
             && ouro_arrays(heap, 1, &arrays) == OURO_ANSWERED
             && ouro_run(heap, "no such command", &output) == OURO_USAGE && *ouro_last_error(heap);
    const char *name = ok ? arrays.type_names : "";
    uint64_t type = 0;
    for (; ok && type < arrays.type_count && strcmp(name, "shop.sessions.Session"); type++)
        name += strlen(name) + 1;
    for (uint64_t i = 0; ok && i < arrays.object_count; i++) {
        sessions += arrays.type[i] == type;
        total += arrays.size[i];
        ok = (!i || arrays.address[i] > arrays.address[i - 1])
             && arrays.first[i] <= arrays.first[i + 1] && arrays.retained[i] >= arrays.size[i];
    }
    printf("%llu sessions, %llu bytes\n", (unsigned long long)sessions, (unsigned long long)total);
    ok = ok && sessions == 500 && arrays.first[arrays.object_count] == arrays.reference_count;
    ouro_close(heap);
    return !ok;
}
