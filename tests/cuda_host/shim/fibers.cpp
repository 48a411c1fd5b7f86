// Runs a kernel: a plain loop over threads, or one fiber per thread of a block where
// threads wait for each other. Compiled once and linked to the kernels of each text.
//
// Between two waits a fiber runs alone, so results depend on nothing but the order in
// which fibers are resumed. Three orders are offered; a kernel whose result changes with
// the order has a race.
#include "cuda_host.h"
#include "kernel_table.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <vector>

extern "C" unsigned char __start_cuda_shared[] __attribute__((weak, visibility("hidden")));
extern "C" unsigned char __stop_cuda_shared[] __attribute__((weak, visibility("hidden")));

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

namespace cuda_host {
enum State { Ready, AtBarrier, AtWarp, AtGrid, Done };
enum Order { Forward, Reverse, Shuffled };
const size_t stack_bytes = 1 << 16, most_dynamic = 232448;  // 227 KiB on an H100

struct Fiber {
    uint3 thread;
    State state;
    bool started;
    const char* what;  // the operation it waits in
    unsigned mask;
    int from, predicate;
    unsigned ballot;
    unsigned char given[16], got[16];
    ucontext_t entry;
    jmp_buf here;
};

alignas(16) unsigned char dynamic_shared[most_dynamic + 256];
int votes;
static int pending_votes;
static std::vector<Fiber> fibers;
static Fiber* own;  // the fibers of the block that runs
static char* stacks;
static Fiber* current;
static jmp_buf scheduler;
static sigjmp_buf fault;
static char message[512];
static void (*body)(void**);
static void** arguments;
static Order order;
static uint64_t seed;

void fail(const char* format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    siglongjmp(fault, 1);
}

__attribute__((noinline)) static void yield() {
    if (_setjmp(current->here) == 0) _longjmp(scheduler, 1);
}
__attribute__((noinline)) static void resume(Fiber& fiber) {
    current = &fiber;
    threadIdx = fiber.thread;
    if (_setjmp(scheduler)) return;
    if (fiber.started) _longjmp(fiber.here, 1);
    fiber.started = true;
    setcontext(&fiber.entry);
}
static void live() {
    for (;;) {
        body(arguments);
        current->state = Done;
        yield();
    }
}

unsigned lane() { return unsigned(current - own) % 32; }
void wait_block(const char* what, int predicate) {
    pending_votes += predicate != 0;
    current->what = what;
    current->state = AtBarrier;
    yield();
}
void wait_grid(const char* what) {
    current->what = what;
    current->state = AtGrid;
    yield();
}
void wait_warp(const char* what, unsigned mask, int from, const void* value, size_t size) {
    if (!(mask >> lane() & 1)) fail("%s: lane %u is not in its own mask %#x", what, lane(), mask);
    current->what = what;
    current->mask = mask;
    current->from = from;
    memcpy(current->given, value, size);
    memcpy(&current->predicate, value, size < 4 ? size : 4);
    current->state = AtWarp;
    yield();
}
void warp_result(void* value, size_t size) { memcpy(value, current->got, size); }
unsigned warp_ballot() { return current->ballot; }

// ---- who may go on -------------------------------------------------------------------

// Lets the lanes of one warp go that wait for each other in the same operation.
static bool release_warp(Fiber* warp, int lanes) {
    bool released = false;
    for (int first = 0; first < lanes; ++first) {
        if (warp[first].state != AtWarp) continue;
        unsigned mask = warp[first].mask, here = 0, ballot = 0;
        bool complete = true;
        for (int i = 0; i < lanes; ++i) {
            if (!(mask >> i & 1) || warp[i].state == Done) continue;
            complete &= warp[i].state == AtWarp && warp[i].mask == mask &&
                        !strcmp(warp[i].what, warp[first].what);
            here |= 1u << i;
            ballot |= unsigned(warp[i].predicate != 0) << i;
        }
        if (!complete) continue;
        for (int i = 0; i < lanes; ++i) {
            if (!(here >> i & 1)) continue;
            int from = warp[i].from;
            warp[i].ballot = ballot;
            memset(warp[i].got, 0xff, sizeof warp[i].got);  // an absent lane: undefined
            if (from >= 0 && from < lanes && (here >> from & 1))
                memcpy(warp[i].got, warp[from].given, sizeof warp[i].got);
        }
        for (int i = 0; i < lanes; ++i)
            if (here >> i & 1) warp[i].state = Ready;
        released = true;
    }
    return released;
}
static const char* place(const Fiber& fiber) {
    return fiber.state == Done ? "has returned" : fiber.what;
}
// Lets the block go on where it can; false when every thread has returned, or waits for
// the grid.
static bool release(int threads) {
    bool released = false;
    int arrived = 0, done = 0, gone = 0, other = -1;
    for (int first = 0; first < threads; first += 32)
        released |= release_warp(&own[first], threads - first < 32 ? threads - first : 32);
    if (released) return true;
    for (int i = 0; i < threads; ++i) {
        arrived += own[i].state == AtBarrier;
        done += own[i].state == Done;
        gone += own[i].state == AtGrid;
        if (own[i].state != own[0].state) other = i;
    }
    if (done == threads || gone == threads) return false;
    if (arrived != threads) {
        int i = other < 0 ? threads - 1 : other;
        fail("threads wait for each other: thread 0 %s%s, thread %d %s%s",
             own[0].state == Done ? "" : "waits in ", place(own[0]), i,
             own[i].state == Done ? "" : "waits in ", place(own[i]));
    }
    votes = pending_votes;
    pending_votes = 0;
    for (int i = 0; i < threads; ++i) own[i].state = Ready;
    return true;
}

// ---- orders --------------------------------------------------------------------------

static void arrange(std::vector<unsigned>& turn) {
    size_t n = turn.size();
    for (size_t i = 0; i < n; ++i) turn[i] = unsigned(order == Reverse ? n - 1 - i : i);
    if (order != Shuffled) return;
    for (size_t i = n; i > 1; --i) {  // xorshift64, then Fisher and Yates
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        std::swap(turn[i - 1], turn[seed % i]);
    }
}
static uint3 position(unsigned i, dim3 size) {
    return {i % size.x, i / size.x % size.y, i / size.x / size.y};
}
static void prepare_stacks(size_t count) {
    if (count <= fibers.size()) return;
    if (stacks) munmap(stacks, stack_bytes * fibers.size());
    stacks = (char*)mmap(nullptr, stack_bytes * count, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stacks == MAP_FAILED) stacks = nullptr, fail("no memory for %zu threads", count);
    fibers = std::vector<Fiber>(count);  // none has started: a context must not move
}
__attribute__((noinline)) static void give_stack(Fiber& fiber) {
    getcontext(&fiber.entry);
    fiber.entry.uc_stack.ss_sp = stacks + (&fiber - fibers.data()) * stack_bytes;
    fiber.entry.uc_stack.ss_size = stack_bytes;
    makecontext(&fiber.entry, live, 0);
}
static void prepare_fibers(unsigned threads) {
    for (unsigned i = 0; i < threads; ++i) {
        own[i].thread = position(i, blockDim);
        own[i].state = Ready;
        if (!own[i].started) give_stack(own[i]);
    }
}
static void run_fibers(std::vector<unsigned>& turn) {
    do {
        arrange(turn);
        for (unsigned i : turn)
            if (own[i].state == Ready) resume(own[i]);
    } while (release(int(turn.size())));
}
static void run_block(std::vector<unsigned>& turn, bool waits) {
    if (!waits) {
        arrange(turn);
        for (unsigned i : turn) threadIdx = position(i, blockDim), body(arguments);
        return;
    }
    own = fibers.data();
    prepare_fibers(unsigned(turn.size()));
    run_fibers(turn);
}
// Bytes of signalling NaNs, as in guarded.py: a sum changes them.
static unsigned char guard(unsigned at) { return "\xff\xff\xbf\xff\xff\xff\xf7\xff"[at % 8]; }
static void clear_shared(unsigned shared) {
    memset(__start_cuda_shared, 0xff, size_t(__stop_cuda_shared - __start_cuda_shared));
    memset(dynamic_shared, 0xff, shared);  // NaN until it is written
    for (unsigned at = shared; at < shared + 256; ++at) dynamic_shared[at] = guard(at);
}
static void check_shared(unsigned shared) {
    for (unsigned at = shared; at < shared + 256; ++at)
        if (dynamic_shared[at] != guard(at))
            fail("byte %u past %u bytes of dynamic shared memory was written", at - shared, shared);
}
static void run_grid(unsigned shared, bool waits) {
    std::vector<unsigned> blocks(size_t(gridDim.x) * gridDim.y * gridDim.z);
    std::vector<unsigned> turn(size_t(blockDim.x) * blockDim.y * blockDim.z);
    if (waits) prepare_stacks(1024);
    arrange(blocks);
    for (unsigned i : blocks) {
        blockIdx = position(i, gridDim);
        clear_shared(shared);
        run_block(turn, waits);
        if (waits && own[0].state == AtGrid)
            fail("grid.sync in a launch that is not cooperative");
        check_shared(shared);
    }
}
// All blocks are there at once: each runs until it waits for the grid, and its shared
// memory is put aside until all of them do.
static void run_cooperative(unsigned shared) {
    size_t threads = size_t(blockDim.x) * blockDim.y * blockDim.z;
    size_t fixed = size_t(__stop_cuda_shared - __start_cuda_shared);
    std::vector<unsigned> blocks(size_t(gridDim.x) * gridDim.y * gridDim.z), turn(threads);
    std::vector<std::vector<unsigned char>> aside(blocks.size());
    prepare_stacks(threads * blocks.size());
    for (size_t done = 0, round = 0; done < blocks.size(); ++round) {
        size_t waiting = done = 0;
        arrange(blocks);
        for (unsigned i : blocks) {
            blockIdx = position(i, gridDim);
            own = &fibers[i * threads];
            clear_shared(shared);
            if (round == 0) prepare_fibers(unsigned(threads));
            if (round > 0) {
                memcpy(__start_cuda_shared, aside[i].data(), fixed);
                memcpy(dynamic_shared, aside[i].data() + fixed, shared);
                for (size_t k = 0; k < threads; ++k) own[k].state = Ready;
            }
            run_fibers(turn);
            check_shared(shared);
            aside[i].assign(__start_cuda_shared, __start_cuda_shared + fixed);
            aside[i].insert(aside[i].end(), dynamic_shared, dynamic_shared + shared);
            (own[0].state == AtGrid ? waiting : done) += 1;
        }
        if (waiting && done) fail("%zu blocks wait in grid.sync, %zu have returned", waiting, done);
    }
}

// ---- the launch ----------------------------------------------------------------------

static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
static void on_signal(int number) {
    const char* what = number == SIGFPE ? "an integer division by zero"
                       : number == SIGILL || number == SIGTRAP
                           ? "an index outside a local or shared array"
                           : "an illegal memory access";
    snprintf(message, sizeof message, "%s", what);
    siglongjmp(fault, 1);
}
}  // namespace cuda_host

// 0, or 1 with a message that says which thread of which block failed.
extern "C" __attribute__((visibility("default"))) int cuda_host_launch(
    int which, const unsigned* grid, const unsigned* block, unsigned shared, void** args,
    int order_, uint64_t seed_, int cooperative, char* text, size_t room) {
    using namespace cuda_host;
    struct sigaction action = {}, before[5];
    action.sa_handler = on_signal;
    body = kernels[which].body, arguments = args;
    gridDim = dim3(grid[0], grid[1], grid[2]), blockDim = dim3(block[0], block[1], block[2]);
    order = Order(order_), seed = seed_ | 1, pending_votes = 0;
    for (int i = 0; i < 5; ++i) sigaction(signals[i], &action, &before[i]);
    volatile int failed = sigsetjmp(fault, 1);
    if (!failed && cooperative) run_cooperative(shared);
    if (!failed && !cooperative) run_grid(shared, kernels[which].waits);
    for (int i = 0; i < 5; ++i) sigaction(signals[i], &before[i], nullptr);
    if (!failed) return 0;
    for (Fiber& fiber : fibers) fiber.started = false;  // left in the middle
    snprintf(text, room, "%s: %s in block (%u, %u, %u), thread (%u, %u, %u)",
             kernels[which].name, message, blockIdx.x, blockIdx.y, blockIdx.z, threadIdx.x,
             threadIdx.y, threadIdx.z);
    return 1;
}

// The type of one parameter; `pointer` is -1 past the last one.
extern "C" __attribute__((visibility("default"))) cuda_host::Type cuda_host_type(
    int which, int parameter) {
    const cuda_host::Kernel& kernel = cuda_host::kernels[which];
    if (parameter >= kernel.count) return {-1, "", 0};
    return kernel.types[parameter];
}
