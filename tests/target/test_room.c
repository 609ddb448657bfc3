// SPDX-License-Identifier: GPL-3.0-or-later
// Limits of memory, out of files made up.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "target/cgroup.h"
#include "target/cores.h"
#include "target/room.h"
#include "unit.h"

#define MIB ((uint64_t)1 << 20)

static char folder[64];

static void put(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    for (char *slash = strchr(path + strlen(folder) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(text, file);
    fclose(file);
}

static uint64_t room(const char *cgroup, const char *mounts)
{
    char meminfo[128], groups[128], mountinfo[128], text[512];
    snprintf(meminfo, sizeof meminfo, "%s/meminfo", folder);
    snprintf(groups, sizeof groups, "%s/cgroup", folder);
    snprintf(mountinfo, sizeof mountinfo, "%s/mountinfo", folder);
    put("cgroup", cgroup);
    snprintf(text, sizeof text, mounts, folder);
    put("mountinfo", text);
    const struct room_sources sources = { meminfo, groups, mountinfo };
    return room_bytes(&sources);
}

static void begin(void)
{
    snprintf(folder, sizeof folder, "%s", "/tmp/ouro-room-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    put("meminfo", "MemTotal: 9000000 kB\nMemFree: 1 kB\nMemAvailable:    1048576 kB\n");
}

static void end(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    CU_ASSERT_EQUAL(system(command), 0);
}

static void test_machine(void)
{
    begin();
    CU_ASSERT_EQUAL(room("0::/\n", ""), 1024 * MIB - 16 * MIB);
    end();
}

// The limit is two levels up; a twentieth of it is the margin; idle files do not count.
static void test_second(void)
{
    begin();
    put("unified/kube/pod/memory.max", "419430400\n"); // 400 MiB
    put("unified/kube/pod/memory.current", "314572800\n");
    put("unified/kube/pod/memory.stat", "anon 5\ninactive_file 10485760\nactive_file 7\n");
    put("unified/kube/pod/exec/memory.max", "max\n");
    put("unified/kube/pod/exec/memory.current", "4096\n");
    CU_ASSERT_EQUAL(room("4:cpu:/\n0::/kube/pod/exec\n",
                         "38 31 0:36 / %s/unified rw shared:2 - cgroup2 none rw\n"),
                    400 * MIB - 290 * MIB - 20 * MIB);
    end();
}

// Version 1, seen from within a container: the mount's root is our own path.
static void test_first(void)
{
    begin();
    put("memory/memory.limit_in_bytes", "104857600\n");
    put("memory/memory.usage_in_bytes", "103809024\n");
    CU_ASSERT_EQUAL(room("9:memory,hugetlb:/docker/0a\n",
                         "32 31 0:30 /docker/0a %s/memory ro - cgroup none rw,memory\n"),
                    0);
    // A path outside of what is mounted: the mount's own limits hold.
    CU_ASSERT_EQUAL(
        room("9:memory,hugetlb:/../other\n", "32 31 0:30 / %s/memory ro - cgroup none rw,memory\n"),
        0);
    end();
}

static unsigned cores(const char *cgroup)
{
    char groups[128];
    snprintf(groups, sizeof groups, "%s/cgroup", folder);
    put("cgroup", cgroup);
    const struct cores_sources sources = { groups, folder };
    return cores_allowed(&sources);
}

// The least of all levels' quotas; never less than one.
static void test_cores(void)
{
    begin();
    unsigned all = cores("0::/\n");
    CU_ASSERT_TRUE(all >= 1);
    put("pod/cpu.max", "100000 100000\n");
    put("pod/exec/cpu.max", "max 100000\n");
    CU_ASSERT_EQUAL(cores("0::/pod/exec\n"), 1);
    put("pod/cpu.max", "20000 100000\n");
    CU_ASSERT_EQUAL(cores("0::/pod/exec\n"), 1);
    put("pod/cpu.max", "900000000 100000\n");
    CU_ASSERT_EQUAL(cores("0::/pod/exec\n"), all);
    put("cpu/docker/cpu.cfs_quota_us", "-1\n");
    put("cpu/docker/cpu.cfs_period_us", "100000\n");
    CU_ASSERT_EQUAL(cores("9:cpu,cpuacct:/docker\n"), all);
    put("cpu/docker/cpu.cfs_quota_us", "100000\n");
    CU_ASSERT_EQUAL(cores("9:memory:/other\n4:cpu,cpuacct:/docker\n"), 1);
    CU_ASSERT_EQUAL(cores("9:memory:/docker\n4:cpu,cpuacct:/\n"), all);
    end();
}

static struct cgroup_memory memory(const char *cgroup)
{
    char groups[128], pressure[128];
    struct cgroup_memory got;
    snprintf(groups, sizeof groups, "%s/cgroup", folder);
    snprintf(pressure, sizeof pressure, "%s/pressure", folder);
    put("cgroup", cgroup);
    put("pressure", "some avg10=7.50 avg60=0.00 avg300=0.00 total=9\nfull avg10=0.00\n");
    const struct cgroup_sources sources = { groups, folder, pressure };
    cgroup_memory_read_from(&sources, &got);
    return got;
}

// Events are those of the group that has the limit, pressure is that of the process's own.
static void test_group_second(void)
{
    begin();
    put("pod/memory.max", "1000\n");
    put("pod/memory.current", "900\n");
    put("pod/memory.events", "low 0\nhigh 3\nmax 14\noom 2\noom_kill 1\noom_group_kill 5\n");
    put("pod/exec/memory.max", "max\n");
    put("pod/exec/memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n");
    put("pod/exec/memory.pressure", "some avg10=12.25 avg60=0.00 avg300=0.00 total=5\n");
    struct cgroup_memory got = memory("1:cpu:/other\n0::/pod/exec\n");
    CU_ASSERT_TRUE(got.has_limit && got.has_pressure);
    CU_ASSERT_EQUAL(got.now, 900);
    CU_ASSERT_EQUAL(got.limit, 1000);
    static const uint64_t events[] = { 3, 14, 2, 1 };
    for (int i = 0; i < CGROUP_EVENTS; i++) {
        CU_ASSERT_TRUE(got.has_event[i]);
        CU_ASSERT_EQUAL(got.events[i], events[i]);
    }
    CU_ASSERT_EQUAL(got.pressure, 12.25);
    end();
}

// Version 1 says "no limit" by a great number, and has no memory.high. Pressure is the machine's.
static void test_group_first(void)
{
    begin();
    put("memory/a/memory.limit_in_bytes", "9223372036854771712\n");
    put("memory/a/memory.failcnt", "4\n");
    put("memory/a/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 6\n");
    struct cgroup_memory got = memory("2:cpu,memory:/a\n0::/\n");
    CU_ASSERT_FALSE(got.has_limit || got.has_event[CGROUP_HIGH] || got.has_event[CGROUP_OOM]);
    CU_ASSERT_TRUE(got.has_event[CGROUP_MAX] && got.has_event[CGROUP_OOM_KILL]);
    CU_ASSERT_EQUAL(got.events[CGROUP_MAX], 4);
    CU_ASSERT_EQUAL(got.events[CGROUP_OOM_KILL], 6);
    CU_ASSERT_EQUAL(got.pressure, 7.5);
    got = memory("2:cpu,memory2:/a\n"); // not this controller
    CU_ASSERT_FALSE(got.has_limit || got.has_event[CGROUP_MAX]);
    end();
}

UNIT_SUITE(room, { "processors that a control group allows", test_cores },
           { "a control group of version 2", test_group_second },
           { "a control group of version 1", test_group_first },
           { "what the machine has", test_machine }, { "cgroup 2, a limit above", test_second },
           { "cgroup 1, in a container", test_first })
