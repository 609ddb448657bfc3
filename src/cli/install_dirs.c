// SPDX-License-Identifier: GPL-3.0-or-later
// Where ouro's own files are: see install_dirs.h.
#include "cli/install_dirs.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool has_layouts(const char *folder)
{
    char path[4096];
    int size = snprintf(path, sizeof path, "%s/layouts", folder);
    return size > 0 && (size_t)size < sizeof path && !access(path, R_OK);
}

static bool use(const char *folder, char *path, size_t size)
{
    int length = snprintf(path, size, "%s", folder);
    return length > 0 && (size_t)length < size && has_layouts(path);
}

// The folder of the running program.
static bool own_folder(char *path, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", path, size - 1);
    if (length <= 0)
        return false;
    path[length] = 0;
    char *slash = strrchr(path, '/');
    if (slash)
        *slash = 0;
    return slash;
}

bool install_data(char *path, size_t size)
{
    const char *named = getenv("OURO_DATA");
    if (named && *named)
        return use(named, path, size);
    static const char *const beside[] = { "gdb", "../gdb", "../share/ouro/gdb" };
    char own[4096], folder[sizeof own + 32];
    for (size_t i = 0; own_folder(own, sizeof own) && i < sizeof beside / sizeof *beside; i++) {
        snprintf(folder, sizeof folder, "%s/%s", own, beside[i]);
        if (use(folder, path, size))
            return true;
    }
    return use(OURO_PKGDATADIR "/gdb", path, size);
}

static bool use_programs(const char *folder, char *path, size_t size)
{
    char program[4096];
    int length = snprintf(program, sizeof program, "%s/ouro-traverse", folder);
    if (length < 0 || (size_t)length >= sizeof program || access(program, X_OK))
        return false;
    length = snprintf(path, size, "%s", folder);
    return length > 0 && (size_t)length < size;
}

bool install_programs(char *path, size_t size)
{
    static const char *const beside[] = { ".", "../libexec/ouro" };
    char own[4096], folder[sizeof own + 32];
    for (size_t i = 0; own_folder(own, sizeof own) && i < sizeof beside / sizeof *beside; i++) {
        snprintf(folder, sizeof folder, "%s/%s", own, beside[i]);
        if (use_programs(folder, path, size))
            return true;
    }
    return use_programs(OURO_PKGLIBEXECDIR, path, size);
}

static bool wants_utf8(void)
{
    static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (value && *value)
            return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

// LOCPATH is set for this call alone: programs that we start have their own C library and locales.
static void use_locale(const char *folder)
{
    if (getenv("LOCPATH") || !wants_utf8() || setlocale(LC_CTYPE, ""))
        return;
    setenv("LOCPATH", folder, 1);
    setlocale(LC_CTYPE, "C.UTF-8");
    unsetenv("LOCPATH");
}

void install_terminals(void)
{
    char own[4096], folder[sizeof own + 32];
    if (!own_folder(own, sizeof own))
        return;
    snprintf(folder, sizeof folder, "%s/terminfo", own);
    if (!access(folder, R_OK))
        setenv("TERMINFO_DIRS", folder, 0);
    snprintf(folder, sizeof folder, "%s/locale", own);
    if (!access(folder, R_OK))
        use_locale(folder);
}

// Makes every folder on the path to a file.
static void install_dirs_make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(path, 0700);
        *slash = '/';
    }
}

bool install_history(char *path, size_t size)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int length = -1;
    if (state && *state == '/')
        length = snprintf(path, size, "%s/ouro/history", state);
    else if (home && *home == '/')
        length = snprintf(path, size, "%s/.local/state/ouro/history", home);
    if (length < 0 || (size_t)length >= size)
        return false;
    install_dirs_make_folders(path);
    return true;
}
