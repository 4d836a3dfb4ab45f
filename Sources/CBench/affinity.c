#include "CBench.h"

#include <sys/syscall.h>
#include <unistd.h>

int sundial_pin_to_core(int core) {
    unsigned long mask[1024 / (8 * sizeof(unsigned long))] = {0};
    mask[core / (8 * sizeof(unsigned long))] = 1UL << (core % (8 * sizeof(unsigned long)));
    return (int)syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask);
}
