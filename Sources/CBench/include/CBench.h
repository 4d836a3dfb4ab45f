// For the load generator: epoll and CPU affinity, whose headers Swift's Glibc module lacks, and a count of allocations.
#ifndef SUNDIAL_CBENCH_H
#define SUNDIAL_CBENCH_H

#include <sys/epoll.h>

/// Keeps the calling process on one core below 1024. Returns 0, or -1 with errno set.
int sundial_pin_to_core(int core);

/// How often this process has asked for memory: malloc, calloc, realloc and the aligned forms.
unsigned long sundial_allocations(void);

#endif
